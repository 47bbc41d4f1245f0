//! Two other readers and writers of pickles: a child of driver.py that answers as main.c does. others.sh builds it.
//!
//!     others-rust DIRECTORY

use pyferrite::formats::pickle as ferrite;
use pyferrite::{ReadOptions, WriteOptions};
use serde_pickle::{DeOptions, HashableValue, SerOptions, Value};
use std::hint::black_box;
use std::io::{self, BufRead, Write};

// --- the clock ---

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

/// CLOCK_PROCESS_CPUTIME_ID of Linux.
fn cpu() -> i64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(2, &mut time) };
    time.seconds * 1_000_000_000 + time.nanoseconds
}

// --- digest.h's ---

fn mix(digest: u64, with: u64) -> u64 {
    (digest ^ with).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1)
}

fn of_str(text: &str) -> u64 {
    text.bytes().fold(5, |digest, byte| mix(digest, byte.into()))
}

fn of_items(items: impl Iterator<Item = u64>) -> u64 {
    items.fold(6, mix)
}

fn of_pairs(pairs: impl Iterator<Item = (u64, u64)>) -> u64 {
    pairs.fold(7, |sum: u64, (key, value)| sum.wrapping_add(mix(key, value)))
}

fn serde_digest(value: &Value) -> u64 {
    match value {
        Value::None => 1,
        Value::Bool(value) => mix(2, (*value).into()),
        Value::I64(value) => mix(3, *value as u64),
        Value::F64(value) => mix(4, value.to_bits()),
        Value::String(text) => of_str(text),
        Value::List(items) | Value::Tuple(items) => of_items(items.iter().map(serde_digest)),
        Value::Dict(items) => of_pairs(items.iter().map(|(key, value)| match key {
            HashableValue::String(text) => (of_str(text), serde_digest(value)),
            _ => (0, 0),
        })),
        _ => 0,
    }
}

fn ferrite_digest(value: &pyferrite::Value) -> u64 {
    use pyferrite::Value::*;
    match value {
        None => 1,
        Bool(value) => mix(2, (*value).into()),
        Int(value) => mix(3, *value as u64),
        Float(value) => mix(4, value.to_bits()),
        Str(text) => of_str(text),
        List(items) | Tuple(items) => of_items(items.iter().map(ferrite_digest)),
        Dict(items) => of_pairs(items.iter().map(|(key, value)| (ferrite_digest(key), ferrite_digest(value)))),
        _ => 0,
    }
}

// --- cases: what is timed, and whether it is right ---

struct Case {
    once: Box<dyn Fn()>,
    right: bool,
}

type Found = Result<Case, Box<dyn std::error::Error>>;

fn read(directory: &str, name: String) -> io::Result<Vec<u8>> {
    std::fs::read(format!("{directory}/{name}"))
}

fn is(digest: u64, expected: &[u8]) -> bool {
    digest.to_ne_bytes() == expected
}

fn serde_loads(pickle: Vec<u8>, expected: Vec<u8>) -> Found {
    let right = is(serde_digest(&serde_pickle::value_from_slice(&pickle, DeOptions::new())?), &expected);
    let once = move || drop(black_box(serde_pickle::value_from_slice(&pickle, DeOptions::new())));
    Ok(Case { once: Box::new(once), right })
}

fn serde_dumps(pickle: Vec<u8>, expected: Vec<u8>) -> Found {
    let value = serde_pickle::value_from_slice(&pickle, DeOptions::new())?;
    let written = serde_pickle::value_to_vec(&value, SerOptions::new())?;
    let right = is(serde_digest(&serde_pickle::value_from_slice(&written, DeOptions::new())?), &expected);
    let once = move || drop(black_box(serde_pickle::value_to_vec(&value, SerOptions::new())));
    Ok(Case { once: Box::new(once), right })
}

fn ferrite_loads(pickle: Vec<u8>, expected: Vec<u8>) -> Found {
    let options = ReadOptions::new();
    let right = is(ferrite_digest(&ferrite::read_bytes(&pickle, &options)?), &expected);
    let once = move || drop(black_box(ferrite::read_bytes(&pickle, &options)));
    Ok(Case { once: Box::new(once), right })
}

fn ferrite_dumps(pickle: Vec<u8>, expected: Vec<u8>) -> Found {
    let (options, to) = (ReadOptions::new(), WriteOptions::new().pickle_protocol(4));
    let value = ferrite::read_bytes(&pickle, &options)?;
    let written = ferrite::write_bytes(&value, &to)?;
    let right = is(ferrite_digest(&ferrite::read_bytes(&written, &options)?), &expected);
    let once = move || drop(black_box(ferrite::write_bytes(&value, &to)));
    Ok(Case { once: Box::new(once), right })
}

/// CASE WORK PROTOCOL
fn prepare(directory: &str, words: &[&str]) -> Found {
    let case: fn(Vec<u8>, Vec<u8>) -> Found = match words[0] {
        "serde-pickle-loads" => serde_loads,
        "serde-pickle-dumps" => serde_dumps,
        "pyferrite-loads" => ferrite_loads,
        "pyferrite-dumps" => ferrite_dumps,
        _ => return Err("no such case".into()),
    };
    case(read(directory, format!("{}.p{}", words[1], words[2]))?, read(directory, format!("{}.digest", words[1]))?)
}

// --- the protocol ---

fn answer(directory: &str, case: &mut Option<Case>, words: &[&str]) -> String {
    match (words[0], case.as_ref()) {
        ("others", _) => "serde-pickle VERSION_OF_SERDE_PICKLE, pyferrite VERSION_OF_PYFERRITE".to_string(),
        ("prep", _) => match prepare(directory, &words[1..]) {
            Ok(found) => {
                *case = Some(found);
                "ok".to_string()
            }
            Err(why) => {
                *case = None;
                format!("absent {}", why.to_string().replace('\n', " "))
            }
        },
        ("check", Some(case)) => (if case.right { "ok" } else { "wrong" }).to_string(),
        ("run", Some(case)) => {
            let (count, start) = (words[1].parse::<u64>().unwrap_or(0), cpu());
            for _ in 0..count {
                (case.once)();
            }
            format!("{} 0", cpu() - start)
        }
        ("done", _) => {
            *case = None;
            "ok".to_string()
        }
        _ => "absent nothing is prepared".to_string(),
    }
}

fn main() {
    let directory = std::env::args().nth(1).unwrap_or_default();
    let mut case = None;
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() || words[0] == "quit" {
            break;
        }
        println!("{}", answer(&directory, &mut case, &words));
        let _ = io::stdout().flush();
    }
}
