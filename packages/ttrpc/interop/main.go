// SPDX-License-Identifier: Apache-2.0

// Command ttrpc-interop is the Go end of interop.test.ts: "server PATH" serves the Echo service of
// src/testing/echo.ts with containerd's ttrpc, "client PATH" calls one and prints a line of JSON for each exchange.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: %s server|client PATH", os.Args[0]))
	}
	switch role, path := os.Args[1], os.Args[2]; role {
	case "server":
		fail(runServer(path))
	case "client":
		fail(runClient(path))
	default:
		fail(fmt.Errorf("unknown role %q", role))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
