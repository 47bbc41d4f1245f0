// Another reader and writer of pickles, og-rek: a child of driver.py that answers as main.c does. others.sh builds it.
//
//	others-go DIRECTORY
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	ogorek "github.com/kisielk/og-rek"
)

// CLOCK_PROCESS_CPUTIME_ID of Linux.
func cpu() int64 {
	var time syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 2, uintptr(unsafe.Pointer(&time)), 0)
	return time.Nano()
}

// --- digest.h's ---

func mix(digest, with uint64) uint64 {
	return (digest^with)*0x9e3779b97f4a7c15 + 1
}

func ofItems(items []any) uint64 {
	sum := uint64(6)
	for _, item := range items {
		sum = mix(sum, digest(item))
	}
	return sum
}

func digest(value any) uint64 {
	switch value := value.(type) {
	case ogorek.None:
		return 1
	case bool:
		if value {
			return mix(2, 1)
		}
		return mix(2, 0)
	case int64:
		return mix(3, uint64(value))
	case float64:
		return mix(4, math.Float64bits(value))
	case string:
		sum := uint64(5)
		for i := 0; i < len(value); i++ {
			sum = mix(sum, uint64(value[i]))
		}
		return sum
	case []any:
		return ofItems(value)
	case ogorek.Tuple:
		return ofItems(value)
	case map[any]any:
		sum := uint64(7)
		for key, item := range value {
			sum += mix(digest(key), digest(item))
		}
		return sum
	}
	// A long that fits is a big.Int.
	if number, err := ogorek.AsInt64(value); err == nil {
		return mix(3, uint64(number))
	}
	return 0
}

// --- cases: what is timed, and whether it is right ---

var sink any

func loads(pickle []byte) (any, error) {
	return ogorek.NewDecoder(bytes.NewReader(pickle)).Decode()
}

func dumps(value any, to *bytes.Buffer) error {
	to.Reset()
	return ogorek.NewEncoderWithConfig(to, &ogorek.EncoderConfig{Protocol: 4}).Encode(value)
}

// CASE WORK PROTOCOL
func prepare(directory string, words []string) (once func(), right bool, err error) {
	pickle, err := os.ReadFile(directory + "/" + words[1] + ".p" + words[2])
	if err != nil {
		return nil, false, err
	}
	expected, err := os.ReadFile(directory + "/" + words[1] + ".digest")
	if err != nil {
		return nil, false, err
	}
	value, err := loads(pickle)
	if err != nil {
		return nil, false, err
	}
	once = func() { sink, _ = loads(pickle) }
	switch words[0] {
	case "og-rek-loads":
	case "og-rek-dumps":
		graph, written := value, &bytes.Buffer{}
		if err = dumps(graph, written); err != nil {
			return nil, false, err
		}
		if value, err = loads(written.Bytes()); err != nil {
			return nil, false, err
		}
		once = func() { dumps(graph, written) }
	default:
		return nil, false, errors.New("no such case")
	}
	return once, digest(value) == binary.NativeEndian.Uint64(expected), nil
}

// --- the protocol ---

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if strings.HasSuffix(module.Path, "/og-rek") {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return "unknown"
}

func main() {
	var once func()
	var right bool
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || words[0] == "quit":
			return
		case words[0] == "others":
			fmt.Println("og-rek " + version())
		case words[0] == "prep":
			var err error
			once, right, err = prepare(os.Args[1], words[1:])
			if err != nil {
				fmt.Println("absent " + strings.ReplaceAll(err.Error(), "\n", " "))
			} else {
				fmt.Println("ok")
			}
		case once == nil:
			fmt.Println("absent nothing is prepared")
		case words[0] == "check":
			fmt.Println(map[bool]string{true: "ok", false: "wrong"}[right])
		case words[0] == "run":
			count, _ := strconv.Atoi(words[1])
			start := cpu()
			for i := 0; i < count; i++ {
				once()
			}
			fmt.Println(cpu()-start, 0)
		default:
			once, sink = nil, nil
			fmt.Println("ok")
		}
	}
}
