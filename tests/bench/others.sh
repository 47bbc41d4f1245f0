# What "make bench" runs beside npickle of other pickle libraries: sh others.sh SOURCES TO
#
# TO/others-rust   serde-pickle and pyferrite
# TO/others-go     og-rek
#
# They are built in TO/others.build, from the registries that cargo and go know. What can't be built is left out, and said.
set -u
sources=$(cd "$1" && pwd) to=$(cd "$2" && pwd)
serde_pickle=1.2.0 pyferrite=0.0.2 og_rek=1.3.0
work=$to/others.build
mkdir -p "$work/rust/src" "$work/go"

left_out() {
    echo "bench-others: $1 can't be had: see $2"
    tail -n 3 "$2"
}

build_rust() {
    cat > "$work/rust/Cargo.toml" << END
[package]
name = "others-rust"
version = "0.0.0"
edition = "2021"

[dependencies]
serde-pickle = "=$serde_pickle"
pyferrite = { version = "=$pyferrite", default-features = false }

[profile.release]
lto = true
codegen-units = 1

[workspace]
END
    sed "s/VERSION_OF_SERDE_PICKLE/$serde_pickle/; s/VERSION_OF_PYFERRITE/$pyferrite/" "$sources/others.rs" > "$work/rust/src/main.rs"
    (cd "$work/rust" && cargo build --release --target-dir target) && cp "$work/rust/target/release/others-rust" "$to/others-rust"
}

build_go() {
    cp "$sources/others.go" "$work/go/main.go"
    printf 'module others\n' > "$work/go/go.mod"
    (cd "$work/go" && go get github.com/kisielk/og-rek@v$og_rek && go build -o "$to/others-go")
}

build_rust > "$work/rust.log" 2>&1 || left_out "serde-pickle and pyferrite" "$work/rust.log"
build_go > "$work/go.log" 2>&1 || left_out "og-rek" "$work/go.log"
