// Command kine serves the etcd API from one SQLite file on one unix socket: kine's own server and its SQLite driver,
// without the other drivers, whose databases and clouds are most of what kine is built from.
//
//	kine --socket PATH --datastore FILE?PRAGMAS
//
// SIGTERM ends it gracefully, in under half a second. It never compacts by itself: the API server asks for that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/k3s-io/kine/pkg/drivers"
	"github.com/k3s-io/kine/pkg/drivers/generic"
	"github.com/k3s-io/kine/pkg/drivers/sqlite"
	"github.com/k3s-io/kine/pkg/server"
	"github.com/sirupsen/logrus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

const (
	// The API server asks for progress of watches only of an etcd of at least 3.5.8, and kine can do what 3.6 does.
	emulatedVersion  = "3.6.11"
	progressInterval = 5 * time.Second

	grace = 400 * time.Millisecond // for requests under way at the end; init kills after 500 ms

	// etcd's own limits, which its clients are made for: a request of 1.5 MiB and what gRPC adds; lists of any size.
	largestRequest = 2 << 20
	largestAnswer  = math.MaxInt32
	fewestPings    = 5 * time.Second // a client that pings more often is cut off
	pingInterval   = 2 * time.Hour
	pingTimeout    = 20 * time.Second

	// Of the datastore, as kine's own command has them.
	idleConnections    = 20
	idleConnectionTime = 2 * time.Minute
	compactTimeout     = 5 * time.Second
	compactRetained    = 1000
	compactBatch       = 1000
	pollBatch          = 500
)

func main() {
	socket := flag.String("socket", "", "path of the unix socket to serve on, only for this user")
	datastore := flag.String("datastore", "", "path of the SQLite file, with the driver's parameters behind a '?'")
	flag.Parse()
	if *socket == "" || *datastore == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	logrus.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true, TimestampFormat: time.RFC3339Nano})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *socket, *datastore); err != nil {
		fmt.Fprintln(os.Stderr, "kine:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and returns when the datastore is closed.
func run(ctx context.Context, socket, datastore string) error {
	// The store outlives ctx: what is under way at the end is still answered from it.
	open, closeStore := context.WithCancel(context.Background())
	var closing sync.WaitGroup
	defer closing.Wait()
	defer closeStore()

	_, store, err := sqlite.New(open, &closing, &drivers.Config{
		DataSourceName:       datastore,
		ConnectionPoolConfig: generic.ConnectionPoolConfig{MaxIdle: idleConnections, MaxIdleTime: idleConnectionTime},
		CompactTimeout:       compactTimeout,
		CompactMinRetain:     compactRetained,
		CompactBatchSize:     compactBatch,
		PollBatchSize:        pollBatch,
	})
	if err != nil {
		return fmt.Errorf("datastore: %w", err)
	}
	if err = store.Start(open); err != nil {
		return fmt.Errorf("datastore: %w", err)
	}

	rpc := grpc.NewServer(
		grpc.MaxConcurrentStreams(math.MaxUint32),
		grpc.MaxRecvMsgSize(largestRequest),
		grpc.MaxSendMsgSize(largestAnswer),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: fewestPings}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingInterval, Timeout: pingTimeout}),
		grpc.WaitForHandlers(true),
	)
	server.New(store, "unix", progressInterval, emulatedVersion).Register(rpc)
	listener, err := listen(socket)
	if err != nil {
		return err
	}
	// Watches never end by themselves, so Stop has to follow.
	context.AfterFunc(ctx, func() {
		defer time.AfterFunc(grace, rpc.Stop).Stop()
		rpc.GracefulStop()
	})
	return rpc.Serve(listener)
}

// listen makes the socket with mode 0600 from its first moment.
func listen(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	before := syscall.Umask(0o177)
	defer syscall.Umask(before)
	return net.Listen("unix", socket)
}
