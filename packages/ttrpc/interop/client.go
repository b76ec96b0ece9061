// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// result is what one exchange came to; the test reads it.
type result struct {
	Name    string  `json:"name"`
	Code    uint32  `json:"code"`
	Text    string  `json:"text"`
	Details int     `json:"details"`
	Micros  float64 `json:"micros"`
}

type exchange struct {
	name string
	run  func(client *ttrpc.Client) (string, error)
}

func runClient(path string) error {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()
	out := json.NewEncoder(os.Stdout)
	for _, exchange := range exchanges() {
		start := time.Now()
		text, err := exchange.run(client)
		micros := float64(time.Since(start).Nanoseconds()) / 1000
		line := result{Name: exchange.name, Text: text, Micros: micros}
		if err != nil {
			line.fillError(err)
		}
		if err := out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (r *result) fillError(err error) {
	r.Text = err.Error()
	r.Code = uint32(codes.Unknown)
	if errors.Is(err, context.DeadlineExceeded) {
		r.Code = uint32(codes.DeadlineExceeded)
	} else if st, ok := status.FromError(err); ok {
		r.Code, r.Text, r.Details = uint32(st.Code()), st.Message(), len(st.Details())
	}
}

func exchanges() []exchange {
	return []exchange{
		{"unary", func(c *ttrpc.Client) (string, error) { return describeWith(context.Background(), c, "hello") }},
		{"metadata", callWithMetadata},
		{"empty", func(c *ttrpc.Client) (string, error) { return echoBytes(c, nil) }},
		{"status", func(c *ttrpc.Client) (string, error) { return failCode(c, "5 gone") }},
		{"thrown", func(c *ttrpc.Client) (string, error) { return failCode(c, "thrown") }},
		{"unknown method", func(c *ttrpc.Client) (string, error) { return callUnknown(c, serviceName, "Nothing") }},
		{"unknown service", func(c *ttrpc.Client) (string, error) { return callUnknown(c, "no.Such", "Echo") }},
		{"timeout", callUntilTimeout},
		{"1 MB", func(c *ttrpc.Client) (string, error) { return echoBytes(c, filled(1_000_000)) }},
		{"3.9 MB", func(c *ttrpc.Client) (string, error) { return echoBytes(c, filled(3_900_000)) }},
		{"oversize request", func(c *ttrpc.Client) (string, error) { return echoBytes(c, filled(5_000_000)) }},
		{"oversize reply", func(c *ttrpc.Client) (string, error) {
			return describeWith(context.Background(), c, "size 5000000")
		}},
		{"200 concurrent", callConcurrently},
		{"stream", openStream},
		{"10000 in turn", callInTurn},
		{"after all", func(c *ttrpc.Client) (string, error) { return describeWith(context.Background(), c, "still here") }},
	}
}

func call(ctx context.Context, client *ttrpc.Client, method string, request, response proto.Message) error {
	return client.Call(ctx, serviceName, method, request, response)
}

func describeWith(ctx context.Context, client *ttrpc.Client, text string) (string, error) {
	response := &wrapperspb.StringValue{}
	err := call(ctx, client, "Describe", wrapperspb.String(text), response)
	return response.Value, err
}

func callWithMetadata(client *ttrpc.Client) (string, error) {
	metadata := ttrpc.MD{}
	metadata.Append("K", "1", "2")
	return describeWith(ttrpc.WithMetadata(context.Background(), metadata), client, "hello")
}

func echoBytes(client *ttrpc.Client, value []byte) (string, error) {
	response := &wrapperspb.BytesValue{}
	if err := call(context.Background(), client, "Echo", wrapperspb.Bytes(value), response); err != nil {
		return "", err
	}
	if !bytes.Equal(response.Value, value) {
		return "", errors.New("the echo differs")
	}
	return "same", nil
}

func filled(size int) []byte {
	value := make([]byte, size)
	for i := range value {
		value[i] = byte(i % 251)
	}
	return value
}

func failCode(client *ttrpc.Client, text string) (string, error) {
	return "", call(context.Background(), client, "Fail", wrapperspb.String(text), &wrapperspb.BytesValue{})
}

func callUnknown(client *ttrpc.Client, service, method string) (string, error) {
	return "", client.Call(context.Background(), service, method, &wrapperspb.BytesValue{}, &wrapperspb.BytesValue{})
}

func callUntilTimeout(client *ttrpc.Client) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	return "", call(ctx, client, "Wait", &wrapperspb.BytesValue{}, &wrapperspb.BytesValue{})
}

func callConcurrently(client *ttrpc.Client) (string, error) {
	var group sync.WaitGroup
	failures := make(chan error, 200)
	for i := range 200 {
		group.Go(func() {
			if _, err := echoBytes(client, filled(i*1000)); err != nil {
				failures <- err
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return "", err
	default:
		return "all same", nil
	}
}

// openStream asks for a stream on a unary method and says what comes back.
func openStream(client *ttrpc.Client) (string, error) {
	desc := &ttrpc.StreamDesc{StreamingClient: true, StreamingServer: true}
	stream, err := client.NewStream(context.Background(), desc, serviceName, "Echo", nil)
	if err != nil {
		return "", err
	}
	return "", stream.RecvMsg(&wrapperspb.BytesValue{})
}

func callInTurn(client *ttrpc.Client) (string, error) {
	const calls = 10_000
	value := filled(100)
	start := time.Now()
	for range calls {
		if _, err := echoBytes(client, value); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%.1f", float64(time.Since(start).Microseconds())/calls), nil
}
