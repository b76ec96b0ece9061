// SPDX-License-Identifier: Apache-2.0
//! The command line, as upstream's `product-mini/README.md` documents it.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Printed after what is wrong with a command line.
pub const USAGE: &str = "\
Usage: iwasm [-options] wasm_file [args...]
options:
  -f|--function name       run this function instead of main, with args as its parameters
  -v=n                     log level, 0 to 5 (default 2)
  --stack-size=n           bytes (default 64 KB)
  --heap-size=n            bytes (default 0)
  --env=<name=value>       a variable of the guest's environment
  --dir=<dir>              a directory that the guest may open
  --map-dir=<guest::host>  a directory that the guest may open under another path
  --addr-pool=<addr/mask>  networks that the guest may reach, separated by commas
  --allow-resolve=<domain> a name that the guest may look up; *.example.com and * are patterns
  --max-threads=n          threads of the guest (default 4)
  --version                print the version";

const DEFAULT_STACK_BYTES: u32 = 64 * 1024;
const DEFAULT_LOG_LEVEL: u32 = 2;
const MAX_LOG_LEVEL: u32 = 5;

/// What is to be done.
pub enum Command {
    Version,
    Run(Box<Options>),
}

/// How to run a module. Strings are C's, so that what was parsed once cannot fail to be handed over.
pub struct Options {
    pub module: PathBuf,
    /// The guest's arguments; the first is the module's path as it was given.
    pub args: Vec<CString>,
    pub function: Option<CString>,
    pub env: Vec<CString>,
    pub dirs: Vec<CString>,
    pub map_dirs: Vec<CString>,
    pub addr_pool: Vec<CString>,
    pub allow_resolve: Vec<CString>,
    pub stack_bytes: u32,
    pub heap_bytes: u32,
    pub max_threads: Option<u32>,
    pub log_level: u32,
}

impl Options {
    fn new() -> Self {
        Options {
            module: PathBuf::new(),
            args: Vec::new(),
            function: None,
            env: Vec::new(),
            dirs: Vec::new(),
            map_dirs: Vec::new(),
            addr_pool: Vec::new(),
            allow_resolve: Vec::new(),
            stack_bytes: DEFAULT_STACK_BYTES,
            heap_bytes: 0,
            max_threads: None,
            log_level: DEFAULT_LOG_LEVEL,
        }
    }

    /// Takes an option of the form `--name=value`.
    fn set(&mut self, name: &[u8], value: &[u8]) -> Result<(), String> {
        match name {
            b"-v" => self.log_level = parse_log_level(value)?,
            b"--stack-size" => self.stack_bytes = parse_number(value)?,
            b"--heap-size" => self.heap_bytes = parse_number(value)?,
            b"--max-threads" => self.max_threads = Some(parse_number(value)?),
            b"--env" => self.env.push(parse_variable(value)?),
            b"--dir" => self.dirs.push(c_string(value)),
            b"--map-dir" => self.map_dirs.push(c_string(value)),
            b"--addr-pool" => self
                .addr_pool
                .extend(value.split(|&byte| byte == b',').map(c_string)),
            b"--allow-resolve" => self.allow_resolve.push(c_string(value)),
            _ => return Err(format!("unknown option: {}", text(name))),
        }
        Ok(())
    }
}

/// Parses the arguments after the program's own name. Options end at the first argument that does not begin with a
/// dash; it names the module, and what follows is the guest's.
pub fn parse(args: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut args = args.map(OsString::into_vec);
    let mut options = Options::new();
    while let Some(arg) = args.next() {
        if !arg.starts_with(b"-") {
            options.module = OsString::from_vec(arg.clone()).into();
            options.args = [arg]
                .into_iter()
                .chain(args)
                .map(|arg| c_string(&arg))
                .collect();
            return Ok(Command::Run(Box::new(options)));
        }
        match arg.as_slice() {
            b"--version" => return Ok(Command::Version),
            // There is one way to run here, and upstream's option for it.
            b"--interp" => {}
            b"-f" | b"--function" => {
                options.function =
                    Some(c_string(&args.next().ok_or("missing name of a function")?));
            }
            _ => match arg.iter().position(|&byte| byte == b'=') {
                Some(at) if at + 1 < arg.len() => options.set(&arg[..at], &arg[at + 1..])?,
                _ => return Err(format!("unknown option or missing value: {}", text(&arg))),
            },
        }
    }
    Err("missing file to run".to_owned())
}

fn parse_number(value: &[u8]) -> Result<u32, String> {
    text(value)
        .parse()
        .map_err(|_| format!("not a number: {}", text(value)))
}

fn parse_log_level(value: &[u8]) -> Result<u32, String> {
    match parse_number(value)? {
        level @ 0..=MAX_LOG_LEVEL => Ok(level),
        level => Err(format!("not a log level: {level}")),
    }
}

fn parse_variable(value: &[u8]) -> Result<CString, String> {
    match value.iter().position(|&byte| byte == b'=') {
        None | Some(0) => Err(format!("expected key=value: {}", text(value))),
        Some(_) => Ok(c_string(value)),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The kernel hands over arguments that end at their NUL, so there is none in them.
fn c_string(bytes: &[u8]) -> CString {
    CString::new(bytes).expect("an argument of a process has no NUL")
}
