// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const serviceName = "runwasi.ttrpc.test.Echo"

func runServer(path string) error {
	server, err := ttrpc.NewServer()
	if err != nil {
		return err
	}
	server.Register(serviceName, map[string]ttrpc.Method{
		"Echo":     echo,
		"Describe": describe,
		"Fail":     failWith,
		"Wait":     wait,
	})
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	return server.Serve(context.Background(), listener)
}

func echo(_ context.Context, unmarshal func(any) error) (any, error) {
	request := &wrapperspb.BytesValue{}
	return request, unmarshal(request)
}

// describe answers with the request and the values of metadata key "k"; "size N" is answered with N bytes.
func describe(ctx context.Context, unmarshal func(any) error) (any, error) {
	request := &wrapperspb.StringValue{}
	if err := unmarshal(request); err != nil {
		return nil, err
	}
	var size int
	if _, err := fmt.Sscanf(request.Value, "size %d", &size); err == nil {
		return wrapperspb.String(strings.Repeat("x", size)), nil
	}
	metadata, _ := ttrpc.GetMetadata(ctx)
	values, _ := metadata.Get("k")
	return wrapperspb.String(request.Value + " " + strings.Join(values, ",")), nil
}

// failWith takes "CODE MESSAGE" and answers with that status, a Duration of one second as its detail.
func failWith(_ context.Context, unmarshal func(any) error) (any, error) {
	request := &wrapperspb.StringValue{}
	if err := unmarshal(request); err != nil {
		return nil, err
	}
	var code uint32
	var message string
	if _, err := fmt.Sscanf(request.Value, "%d %s", &code, &message); err != nil {
		return nil, err
	}
	detailed, err := status.New(codes.Code(code), message).WithDetails(&durationpb.Duration{Seconds: 1})
	if err != nil {
		return nil, err
	}
	return nil, detailed.Err()
}

// wait ends when the caller's deadline passes.
func wait(ctx context.Context, _ func(any) error) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
