// SPDX-License-Identifier: Apache-2.0
//! `iwasm`, WAMR's command line. Where upstream's prints an error on stdout, this one prints it on stderr, and it
//! takes any number of directories, variables and addresses where upstream's takes eight.

mod options;
mod wamr;

use options::{Command, Options, USAGE};
use std::env::args_os;
use std::process::exit;

/// What upstream answers when a module cannot be loaded or instantiated: -1.
const CANNOT_START: i32 = 255;
/// What upstream answers for a trap and for a wrong command line.
const FAILED: i32 = 1;

fn main() {
    let status = match options::parse(args_os().skip(1)) {
        Ok(Command::Version) => {
            println!("iwasm {}", wamr::version());
            0
        }
        Ok(Command::Run(options)) => run(&options),
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            FAILED
        }
    };
    // exit(3) also writes out what WAMR printed with C's stdio.
    exit(status);
}

fn run(options: &Options) -> i32 {
    let outcome = wamr::Runtime::new(options).and_then(|runtime| {
        let module = runtime.load(&options.module)?;
        let mut instance = module.instantiate(options)?;
        Ok(instance.execute(options))
    });
    match outcome {
        Ok(wamr::Outcome::Exited(code)) => code.cast_signed(),
        Ok(wamr::Outcome::Trapped(exception)) => {
            eprintln!("{exception}");
            FAILED
        }
        Err(problem) => {
            eprintln!("{problem}");
            CANNOT_START
        }
    }
}
