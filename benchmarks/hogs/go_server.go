// The same service on Go, with one processor (GOMAXPROCS=1): its scheduler interrupts after 10 ms.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	http.HandleFunc("/hog", func(w http.ResponseWriter, r *http.Request) {
		seconds, _ := strconv.ParseFloat(r.URL.Query().Get("seconds"), 64)
		until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
		rounds := 0
		for time.Now().Before(until) {
			fib(12)
			rounds++
		}
		fmt.Fprint(w, rounds)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
