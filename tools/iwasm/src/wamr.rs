// SPDX-License-Identifier: Apache-2.0
//! WAMR's embedding interface, made safe as far as this program needs it.
//! See core/iwasm/include/wasm_export.h of WAMR 2.4.3 for who owns what.

use crate::options::Options;
use std::ffi::{CStr, CString, c_char};
use std::fs;
use std::marker::PhantomData;
use std::path::Path;
use std::ptr;
use wamrx_sys as sys;

/// How long an error text WAMR may write; upstream's iwasm gives it as much.
const ERROR_BYTES: usize = 128;

/// How WAMR tells that a named function called `proc_exit`; for a module's main one it has looked already.
const PROC_EXIT: &CStr = c"Exception: wasi proc exit";

/// How a run ended.
pub enum Outcome {
    /// By returning or by `proc_exit`.
    Exited(u32),
    /// By a trap or because there was nothing to call, in WAMR's words.
    Trapped(String),
}

/// `2.4.3`.
pub fn version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three numbers are written to; no runtime needs to be there.
    unsafe { sys::wasm_runtime_get_version(&mut major, &mut minor, &mut patch) };
    format!("{major}.{minor}.{patch}")
}

/// The runtime, of which a process has one. WAMR handles SIGSEGV while it is there.
pub struct Runtime(());

impl Runtime {
    pub fn new(options: &Options) -> Result<Self, String> {
        // SAFETY: zeroes are this structure's defaults, as in upstream's iwasm; it is copied.
        let initialized = unsafe {
            let mut args: sys::RuntimeInitArgs = std::mem::zeroed();
            args.mem_alloc_type = sys::Alloc_With_System_Allocator;
            sys::wasm_runtime_full_init(&mut args)
        };
        if !initialized {
            return Err("Init runtime environment failed.".to_owned());
        }
        // SAFETY: the runtime has been initialized.
        unsafe {
            sys::wasm_runtime_set_log_level(options.log_level);
            if let Some(threads) = options.max_threads {
                sys::wasm_runtime_set_max_thread_num(threads);
            }
        }
        Ok(Runtime(()))
    }

    /// Reads and checks a module.
    pub fn load(&self, path: &Path) -> Result<Module<'_>, String> {
        let mut bytes = fs::read(path)
            .map_err(|error| format!("Open file {} failed: {error}", path.display()))?;
        let size = u32::try_from(bytes.len()).map_err(|_| "the module is too large".to_owned())?;
        let mut error = [0; ERROR_BYTES];
        // SAFETY: WAMR changes the bytes and keeps pointers into them until the module is unloaded; `Module` owns them.
        let module = unsafe {
            sys::wasm_runtime_load(
                bytes.as_mut_ptr(),
                size,
                error.as_mut_ptr(),
                ERROR_BYTES as u32,
            )
        };
        if module.is_null() {
            return Err(text(&error));
        }
        Ok(Module {
            module,
            _bytes: bytes,
            _runtime: PhantomData,
        })
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // SAFETY: modules and instances borrow the runtime, so they are gone.
        unsafe { sys::wasm_runtime_destroy() };
    }
}

/// A loaded module.
pub struct Module<'a> {
    module: sys::wasm_module_t,
    _bytes: Vec<u8>,
    _runtime: PhantomData<&'a Runtime>,
}

impl Module<'_> {
    /// Instantiates the module, which runs its start function and opens the guest's directories.
    pub fn instantiate<'a>(&'a self, options: &'a Options) -> Result<Instance<'a>, String> {
        let mut args = ptr::null_mut();
        // SAFETY: a pointer to the new object is written to `args`.
        if !unsafe { sys::wasm_runtime_instantiation_args_create(&mut args) } {
            return Err("failed to create instantiate args".to_owned());
        }
        let mut argv = Pointers::to(&options.args);
        let mut env = Pointers::to(&options.env);
        let mut dirs = Pointers::to(&options.dirs);
        let mut map_dirs = Pointers::to(&options.map_dirs);
        let mut addr_pool = Pointers::to(&options.addr_pool);
        let mut allow_resolve = Pointers::to(&options.allow_resolve);
        let mut error = [0; ERROR_BYTES];
        // SAFETY: `args` lives until it is destroyed here. It points to the arrays above, which WAMR reads and copies
        // while instantiating and not later.
        let instance = unsafe {
            sys::wasm_runtime_instantiation_args_set_default_stack_size(args, options.stack_bytes);
            sys::wasm_runtime_instantiation_args_set_host_managed_heap_size(
                args,
                options.heap_bytes,
            );
            sys::wasm_runtime_instantiation_args_set_wasi_arg(
                args,
                argv.strings(),
                argv.len() as i32,
            );
            sys::wasm_runtime_instantiation_args_set_wasi_env(args, env.constants(), env.len());
            sys::wasm_runtime_instantiation_args_set_wasi_dir(
                args,
                dirs.constants(),
                dirs.len(),
                map_dirs.constants(),
                map_dirs.len(),
            );
            sys::wasm_runtime_instantiation_args_set_wasi_addr_pool(
                args,
                addr_pool.constants(),
                addr_pool.len(),
            );
            sys::wasm_runtime_instantiation_args_set_wasi_ns_lookup_pool(
                args,
                allow_resolve.constants(),
                allow_resolve.len(),
            );
            let instance = sys::wasm_runtime_instantiate_ex2(
                self.module,
                args,
                error.as_mut_ptr(),
                ERROR_BYTES as u32,
            );
            sys::wasm_runtime_instantiation_args_destroy(args);
            instance
        };
        if instance.is_null() {
            return Err(text(&error));
        }
        Ok(Instance {
            instance,
            _module: PhantomData,
        })
    }
}

impl Drop for Module<'_> {
    fn drop(&mut self) {
        // SAFETY: loaded by this runtime; the instances borrow it, so they are gone.
        unsafe { sys::wasm_runtime_unload(self.module) };
    }
}

/// An instance of a module.
pub struct Instance<'a> {
    instance: sys::wasm_module_inst_t,
    _module: PhantomData<&'a ()>,
}

impl Instance<'_> {
    /// Runs the function that the options name, else the module's main one. Blocks until it ends. What a named
    /// function returns is printed on stdout by WAMR, as `0x2a:i32`, an empty line where it returns nothing.
    pub fn execute(&mut self, options: &Options) -> Outcome {
        let mut argv = Pointers::to(&options.args);
        // SAFETY: instance and arrays live through the calls. WAMR may write main's result over the first pointer of
        // the array, which is not used again; it does not write to the strings.
        unsafe {
            match &options.function {
                None => sys::wasm_application_execute_main(
                    self.instance,
                    argv.len() as i32,
                    argv.strings(),
                ),
                Some(name) => sys::wasm_application_execute_func(
                    self.instance,
                    name.as_ptr(),
                    argv.len() as i32 - 1,
                    argv.strings().add(1),
                ),
            };
            let exception = sys::wasm_runtime_get_exception(self.instance);
            if exception.is_null() || CStr::from_ptr(exception) == PROC_EXIT {
                Outcome::Exited(sys::wasm_runtime_get_wasi_exit_code(self.instance))
            } else {
                Outcome::Trapped(CStr::from_ptr(exception).to_string_lossy().into_owned())
            }
        }
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        // SAFETY: instantiated by this runtime, and nothing is running any more.
        unsafe { sys::wasm_runtime_deinstantiate(self.instance) };
    }
}

/// An array of pointers to strings that outlive it.
struct Pointers<'a> {
    pointers: Vec<*const c_char>,
    _strings: PhantomData<&'a [CString]>,
}

impl<'a> Pointers<'a> {
    fn to(strings: &'a [CString]) -> Self {
        let pointers = strings.iter().map(|string| string.as_ptr()).collect();
        Pointers {
            pointers,
            _strings: PhantomData,
        }
    }

    fn len(&self) -> u32 {
        // A process's arguments are below 2^31: execve(2) has a limit of some megabytes.
        self.pointers.len() as u32
    }

    fn constants(&mut self) -> *mut *const c_char {
        self.pointers.as_mut_ptr()
    }

    fn strings(&mut self) -> *mut *mut c_char {
        self.pointers.as_mut_ptr().cast()
    }
}

/// The text that WAMR wrote to a buffer, which it ends with a NUL.
fn text(buffer: &[c_char; ERROR_BYTES]) -> String {
    // SAFETY: the last byte is a NUL, since WAMR writes with snprintf() into zeroes.
    unsafe { CStr::from_ptr(buffer.as_ptr()) }
        .to_string_lossy()
        .trim_end()
        .to_owned()
}
