//! cuBLAS as a library that may be missing: the few calls that step times need.
//!
//! `cudarc` knows cuBLAS too, but at the level of CUDA 12.0 it does not look for `libcublas.so.13`, and CUDA 13 without its
//! development files has no other name. `unsafe`: loading a library runs its code, a symbol is a function of the type that
//! we say, and products are asked for by address.
#![allow(unsafe_code, reason = "functions of a library, which are given addresses")]

use std::ffi::{CStr, c_int, c_longlong, c_void};

use cudarc::driver::sys::{CUdeviceptr, CUstream};
use libloading::Library;

use super::Product;
use crate::Error;
use crate::cuda::{DeviceMemory, Stream};

/// The newest first.
const NAMES: [&str; 8] = [
    "libcublas.so.13",
    "libcublas.so.12",
    "libcublas.so.11",
    "libcublas.so",
    "cublas64_13.dll",
    "cublas64_12.dll",
    "cublas64_11.dll",
    "cublas.dll",
];

/// `CUBLAS_OP_N` and `CUBLAS_OP_T`.
const PLAIN: c_int = 0;
const TRANSPOSED: c_int = 1;
/// `CUDA_R_16BF`.
const BF16: c_int = 14;
/// `CUBLAS_COMPUTE_32F`.
const FP32_SUMS: c_int = 68;
/// `CUBLAS_GEMM_DEFAULT`.
const CHOSEN_BY_LIBRARY: c_int = -1;

type Handle = *mut c_void;
type Status = c_int;
type Create = unsafe extern "C" fn(*mut Handle) -> Status;
type Destroy = unsafe extern "C" fn(Handle) -> Status;
type SetStream = unsafe extern "C" fn(Handle, CUstream) -> Status;
type GetVersion = unsafe extern "C" fn(Handle, *mut c_int) -> Status;
type Gemm = unsafe extern "C" fn(
    Handle,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    *const c_void,
    *const c_void,
    c_int,
    c_int,
    *const c_void,
    c_int,
    c_int,
    *const c_void,
    *mut c_void,
    c_int,
    c_int,
    c_int,
    c_int,
) -> Status;
type Batched = unsafe extern "C" fn(
    Handle,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    *const c_void,
    *const c_void,
    c_int,
    c_int,
    c_longlong,
    *const c_void,
    c_int,
    c_int,
    c_longlong,
    *const c_void,
    *mut c_void,
    c_int,
    c_int,
    c_longlong,
    c_int,
    c_int,
    c_int,
) -> Status;

#[derive(Debug, Clone, Copy)]
struct Functions {
    create: Create,
    destroy: Destroy,
    set_stream: SetStream,
    get_version: GetVersion,
    gemm: Gemm,
    batched: Batched,
}

/// A handle of the library that works on one stream.
#[derive(Debug)]
pub(super) struct Cublas {
    functions: Functions,
    handle: Handle,
    version: String,
}

/// Where a matrix begins: a memory, and bytes into it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a>(pub(super) &'a DeviceMemory, pub(super) u64);

impl Functions {
    fn find() -> Result<Self, String> {
        // SAFETY: the libraries are cuBLAS under its names, whose initialisers may run at any time.
        let found = NAMES.iter().find_map(|name| unsafe { Library::new(*name) }.ok());
        let library = found.ok_or_else(|| "no cuBLAS".to_owned())?;
        // SAFETY: the types are those of NVIDIA's header for these names.
        let functions = unsafe {
            Self {
                create: symbol(&library, c"cublasCreate_v2")?,
                destroy: symbol(&library, c"cublasDestroy_v2")?,
                set_stream: symbol(&library, c"cublasSetStream_v2")?,
                get_version: symbol(&library, c"cublasGetVersion_v2")?,
                gemm: symbol(&library, c"cublasGemmEx")?,
                batched: symbol(&library, c"cublasGemmStridedBatchedEx")?,
            }
        };
        // It is never unloaded, so its functions stay.
        std::mem::forget(library);
        Ok(functions)
    }
}

/// # Safety
/// `F` must be the type of the function.
unsafe fn symbol<F: Copy>(library: &Library, name: &CStr) -> Result<F, String> {
    // SAFETY: as the caller says.
    let found = unsafe { library.get::<F>(name.to_bytes_with_nul()) };
    found.map(|it| *it).map_err(|_| format!("cuBLAS is too old: it has no `{}`", name.to_string_lossy()))
}

impl Cublas {
    /// A handle on a stream, whose GPU becomes this thread's; or why there is no library.
    pub(super) fn open(stream: &Stream) -> Result<Result<Self, String>, Error> {
        let functions = match Functions::find() {
            Ok(functions) => functions,
            Err(absent) => return Ok(Err(absent)),
        };
        let stream = stream.cudarc();
        let bound = stream.context().bind_to_thread();
        bound.map_err(|error| Error::Gpu(format!("using the GPU: {error}")))?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: the pointer is to a handle that outlives the call.
        checked("a handle of cuBLAS", unsafe { (functions.create)(&raw mut handle) })?;
        let mut cublas = Self { functions, handle, version: String::new() };
        let mut version = 0;
        // SAFETY: the handle is good, and the pointer is to an integer that outlives the call.
        checked("the version of cuBLAS", unsafe { (functions.get_version)(handle, &raw mut version) })?;
        // SAFETY: the handle is good; whoever has the handle keeps the stream.
        checked("a stream of cuBLAS", unsafe { (functions.set_stream)(handle, stream.cu_stream()) })?;
        cublas.version = format!("cuBLAS {}", version_text(version));
        Ok(Ok(cublas))
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Submits a product, and returns before it has ended. The caller keeps the memories until the stream was waited for.
    pub(super) fn submit(
        &self,
        product: &Product,
        a: Place<'_>,
        b: Place<'_>,
        c: Place<'_>,
    ) -> Result<(), Error> {
        let address = |Place(memory, first): Place<'_>, bytes: u64| -> Result<CUdeviceptr, Error> {
            match first.checked_add(bytes) {
                Some(end) if end <= memory.len() as u64 => Ok(memory.address() + first),
                _ => Err(Error::Gpu(format!("{product:?} does not fit into {} B", memory.len()))),
            }
        };
        let a = address(a, product.a_bytes())? as *const c_void;
        let b = address(b, product.b_bytes())? as *const c_void;
        let c = address(c, product.c_bytes())? as *mut c_void;
        let [m, n, k, batch] = [product.m, product.n, product.k, product.batch].map(|it| it as c_int);
        let stride = |one: c_int, other: c_int| c_longlong::from(one) * c_longlong::from(other);
        let (how, a_rows) = if product.transposed { (TRANSPOSED, k) } else { (PLAIN, m) };
        let (one, zero) = (1.0_f32, 0.0_f32);
        let (one, zero) = ((&raw const one).cast::<c_void>(), (&raw const zero).cast::<c_void>());
        let Functions { gemm, batched, .. } = self.functions;
        // SAFETY: the handle is good; the memories hold the matrices, as was checked; the two factors outlive the call, which
        // reads them before it returns.
        let status = unsafe {
            if batch == 1 {
                gemm(
                    self.handle,
                    how,
                    PLAIN,
                    m,
                    n,
                    k,
                    one,
                    a,
                    BF16,
                    a_rows,
                    b,
                    BF16,
                    k,
                    zero,
                    c,
                    BF16,
                    m,
                    FP32_SUMS,
                    CHOSEN_BY_LIBRARY,
                )
            } else {
                batched(
                    self.handle,
                    how,
                    PLAIN,
                    m,
                    n,
                    k,
                    one,
                    a,
                    BF16,
                    a_rows,
                    stride(m, k),
                    b,
                    BF16,
                    k,
                    stride(k, n),
                    zero,
                    c,
                    BF16,
                    m,
                    stride(m, n),
                    batch,
                    FP32_SUMS,
                    CHOSEN_BY_LIBRARY,
                )
            }
        };
        checked("a product of cuBLAS", status)
    }
}

impl Drop for Cublas {
    fn drop(&mut self) {
        // SAFETY: the handle is good, and nobody has it any more.
        let _nobody_is_told = unsafe { (self.functions.destroy)(self.handle) };
    }
}

/// `130100` is 13.1.0, `120804` 12.8.4.
fn version_text(version: c_int) -> String {
    format!("{}.{}.{}", version / 10_000, version / 100 % 100, version % 100)
}

fn checked(what: &str, status: Status) -> Result<(), Error> {
    let meaning = match status {
        0 => return Ok(()),
        1 => "CUBLAS_STATUS_NOT_INITIALIZED",
        3 => "CUBLAS_STATUS_ALLOC_FAILED",
        7 => "CUBLAS_STATUS_INVALID_VALUE",
        8 => "CUBLAS_STATUS_ARCH_MISMATCH",
        11 => "CUBLAS_STATUS_MAPPING_ERROR",
        13 => "CUBLAS_STATUS_EXECUTION_FAILED",
        14 => "CUBLAS_STATUS_INTERNAL_ERROR",
        15 => "CUBLAS_STATUS_NOT_SUPPORTED",
        _ => "an unknown status",
    };
    Err(Error::Gpu(format!("{what}: {meaning} ({status})")))
}
