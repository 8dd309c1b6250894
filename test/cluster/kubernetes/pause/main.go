// Holds a pod's namespaces open: sleeps until it is told to stop. A program of its own, because every pod runs one and
// the big binary would take some 50 MiB for each.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
}
