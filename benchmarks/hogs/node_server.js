// The same service on Node: one thread, as uvicorn has.
const http = require('http');
const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  let body = 'ok';
  if (url.pathname === '/hog') {
    const until = Date.now() + 1000 * Number(url.searchParams.get('seconds') || 1);
    let rounds = 0;
    while (Date.now() < until) { fib(12); rounds += 1; }
    body = String(rounds);
  }
  response.setHeader('content-length', body.length);
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
