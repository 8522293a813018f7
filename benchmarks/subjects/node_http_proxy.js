// A plain proxy on http-proxy, with connections to the upstream kept alive.
'use strict'
const http = require('http')
const httpProxy = require('http-proxy')

const [port, upstream] = process.argv.slice(2).map(Number)
const proxy = httpProxy.createProxyServer({
  target: { host: '127.0.0.1', port: upstream },
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 256 })
})
proxy.on('error', (error, request, response) => response.writeHead(502).end(String(error.message)))

const server = http.createServer((request, response) => proxy.web(request, response))
server.keepAliveTimeout = 3600_000
server.listen({ port, host: '127.0.0.1', backlog: 4096 })
