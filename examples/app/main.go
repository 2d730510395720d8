// A small service to deploy, load, scale and release: one static binary in an image from scratch.
//
//	GET /health        200 while it takes requests; 503 until it is ready, and again once it was told to stop
//	GET /version       {"version": ..., "commit": ...}
//	GET /work?ms=20    uses 20 ms of processor time, and answers no sooner than LATENCY_FLOOR
//	GET /metrics       Prometheus: requests, requests in flight, their duration, processor seconds of the process
//
// Settings are environment variables; README.md lists them. SIGTERM: it stops accepting, finishes what runs, exits 0.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sys/unix"
)

const (
	mostWork      = time.Minute      // of processor time that one request may cost
	readHeaders   = 10 * time.Second // for the headers of a request
	healthTimeout = 2 * time.Second  // of -healthcheck
)

type settings struct {
	listen       string
	version      string
	commit       string
	readyAfter   time.Duration
	latencyFloor time.Duration
	drain        time.Duration
	stopTimeout  time.Duration
}

// read takes the settings from the environment; every wrong one is told at once.
func read() (settings, error) {
	var wrong []error
	text := func(name, otherwise string) string {
		if given := os.Getenv(name); given != "" {
			return given
		}
		return otherwise
	}
	duration := func(name, otherwise string) time.Duration {
		given, err := time.ParseDuration(text(name, otherwise))
		if err != nil || given < 0 {
			wrong = append(wrong, fmt.Errorf("%s: got %q, allowed: a time with its unit, such as 250ms or 5s", name, os.Getenv(name)))
		}
		return given
	}
	found := settings{
		listen:       text("LISTEN", ":8080"),
		version:      text("VERSION", "dev"),
		commit:       text("COMMIT", "unknown"),
		readyAfter:   duration("READY_AFTER", "0s"),
		latencyFloor: duration("LATENCY_FLOOR", "0s"),
		drain:        duration("DRAIN", "0s"),
		stopTimeout:  duration("STOP_TIMEOUT", "25s"),
	}
	if _, _, err := net.SplitHostPort(found.listen); err != nil {
		wrong = append(wrong, fmt.Errorf("LISTEN: got %q, allowed: address:port or :port", found.listen))
	}
	return found, errors.Join(wrong...)
}

// use costs that much processor time of this thread, however long the machine takes to give it.
func use(amount time.Duration) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin := threadTime()
	sink := uint64(begin)
	for {
		for range 20_000 { // some ten microseconds between two looks at the clock
			sink ^= sink << 13
			sink ^= sink >> 7
			sink ^= sink << 17
		}
		if used := threadTime() - begin; used >= amount {
			runtime.KeepAlive(sink)
			return used
		}
	}
}

func threadTime() time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		panic(err) // Linux has this clock
	}
	return time.Duration(now.Nano())
}

func answer(writer http.ResponseWriter, code int, body any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(code)
	_ = json.NewEncoder(writer).Encode(body) // a client that is gone is no fault of ours
}

type service struct {
	settings settings
	ready    atomic.Bool
	stopping atomic.Bool
}

func (s *service) health(writer http.ResponseWriter, _ *http.Request) {
	switch {
	case s.stopping.Load():
		answer(writer, http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
	case !s.ready.Load():
		answer(writer, http.StatusServiceUnavailable, map[string]string{"status": "starting"})
	default:
		answer(writer, http.StatusOK, map[string]string{"status": "ok"})
	}
}

func (s *service) about(writer http.ResponseWriter, _ *http.Request) {
	answer(writer, http.StatusOK, map[string]string{"version": s.settings.version, "commit": s.settings.commit})
}

func (s *service) work(writer http.ResponseWriter, request *http.Request) {
	begin := time.Now()
	asked := request.URL.Query().Get("ms")
	if asked == "" {
		asked = "0"
	}
	ms, err := strconv.ParseFloat(asked, 64)
	amount := time.Duration(ms * float64(time.Millisecond))
	if err != nil || !(ms >= 0 && ms <= float64(mostWork.Milliseconds())) {
		message := fmt.Sprintf("ms: got %q, allowed: milliseconds of processor time, 0 to %d", asked, mostWork.Milliseconds())
		answer(writer, http.StatusBadRequest, map[string]string{"error": message})
		return
	}
	var used time.Duration
	if amount > 0 {
		used = use(amount)
	}
	if rest := s.settings.latencyFloor - time.Since(begin); rest > 0 {
		select {
		case <-time.After(rest):
		case <-request.Context().Done():
			return
		}
	}
	answer(writer, http.StatusOK, map[string]any{
		"cpu_ms":  float64(used.Microseconds()) / 1000,
		"took_ms": float64(time.Since(begin).Microseconds()) / 1000,
		"version": s.settings.version,
	})
}

// handler measures what it serves; health checks and scrapes are measured under their own route.
func (s *service) handler(registry *prometheus.Registry) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "Requests answered.",
	}, []string{"route", "code"})
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "Time from the headers of a request to the end of its answer.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"route"})
	inFlight := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "http_requests_in_flight", Help: "Requests that run now.",
	}, []string{"route"})
	registry.MustRegister(requests, durations, inFlight)

	mux := http.NewServeMux()
	route := func(path string, handler http.Handler) {
		label := prometheus.Labels{"route": path}
		handler = promhttp.InstrumentHandlerCounter(requests.MustCurryWith(label), handler)
		handler = promhttp.InstrumentHandlerDuration(durations.MustCurryWith(label), handler)
		mux.Handle("GET "+path, promhttp.InstrumentHandlerInFlight(inFlight.With(label), handler))
	}
	route("/health", http.HandlerFunc(s.health))
	route("/version", http.HandlerFunc(s.about))
	route("/work", http.HandlerFunc(s.work))
	route("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func serve(given settings) error {
	told, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer forget()
	running := &service{settings: given}
	registry := prometheus.NewRegistry()
	about := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "app_info", Help: "Always 1; its labels say what runs.",
		ConstLabels: prometheus.Labels{"version": given.version, "commit": given.commit},
	})
	about.Set(1)
	registry.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), about)
	server := &http.Server{Handler: running.handler(registry), ReadHeaderTimeout: readHeaders}

	listener, err := net.Listen("tcp", given.listen)
	if err != nil {
		return fmt.Errorf("LISTEN: %w", err)
	}
	slog.Info("listening", "address", listener.Addr().String(), "version", given.version)
	time.AfterFunc(given.readyAfter, func() {
		running.ready.Store(true)
		slog.Info("ready")
	})
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-told.Done():
	}

	running.stopping.Store(true) // a balancer that asks takes it out while it still answers
	slog.Info("stopping", "drain", given.drain.String(), "timeout", given.stopTimeout.String())
	time.Sleep(given.drain)
	limit, cancel := context.WithTimeout(context.Background(), given.stopTimeout)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return fmt.Errorf("requests were still running after STOP_TIMEOUT=%s: %w", given.stopTimeout, err)
	}
	slog.Info("stopped")
	return nil
}

// check asks the service in this container for its health: an image from scratch has no curl.
func check(given settings) error {
	_, port, _ := net.SplitHostPort(given.listen)
	client := http.Client{Timeout: healthTimeout, Transport: &http.Transport{Proxy: nil}}
	found, err := client.Get("http://" + net.JoinHostPort("127.0.0.1", port) + "/health")
	if err != nil {
		return err
	}
	defer found.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(found.Body, 1024))
	if found.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", found.Status, body)
	}
	return nil
}

func main() {
	healthcheck := flag.Bool("healthcheck", false, "ask the service that runs here for its health: exit 0 or 1")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	given, err := read()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	run := serve
	if *healthcheck {
		run = check
	}
	if err := run(given); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
