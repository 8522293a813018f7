// A plain proxy on fast-proxy over undici, its fastest mode.
'use strict'
const http = require('http')

const [port, upstream] = process.argv.slice(2).map(Number)
const { proxy } = require('fast-proxy')({
  base: `http://127.0.0.1:${upstream}`,
  undici: { connections: 64, pipelining: 1 }
})

const server = http.createServer((request, response) => proxy(request, response, request.url, {}))
server.keepAliveTimeout = 3600_000
server.listen({ port, host: '127.0.0.1', backlog: 4096 })
