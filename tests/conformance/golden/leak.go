// `go run leak.go heap|cpu FILE` writes a profile of itself; `pytest --update` makes go-runtime.*.pb.gz with it.
package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

var kept [][]byte

func keep(size int) { kept = append(kept, make([]byte, size)) } // is inlined into its callers

//go:noinline
func small() { keep(4 << 10) }

//go:noinline
func large() { keep(64 << 10) }

func spin(until time.Time) (turns int) {
	for time.Now().Before(until) {
		turns++
	}
	return turns
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	runtime.MemProfileRate = 1
	file, err := os.Create(os.Args[2])
	must(err)
	if os.Args[1] == "cpu" {
		must(pprof.StartCPUProfile(file))
		spin(time.Now().Add(300 * time.Millisecond))
		pprof.StopCPUProfile()
		return
	}
	for i := 0; i < 100; i++ {
		small()
		large()
	}
	must(pprof.Lookup("heap").WriteTo(file, 0))
}
