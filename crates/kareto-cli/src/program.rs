//! The program's own file as the name of code that states no revision.

use std::fs::File;
use std::hash::Hasher as _;
use std::io::Read as _;

use kv_core::policy::Registry;
use siphasher::sip::SipHasher13;

use crate::error::CliError;

/// The registry, in which the program's own file is the code of every policy without a stated revision.
///
/// The file has everything that is compiled into the program, so no change of code is missed. The file may also change
/// with a comment, because it has the numbers of lines.
pub(crate) fn stated(registry: &Registry) -> Result<Registry, CliError> {
    let mut registry = registry.clone();
    if registry.has_unstated() {
        // This leaks once in a process.
        let name: &'static str = Box::leak(revision()?.into_boxed_str());
        registry.state(Box::leak(Box::new([name])));
    }
    Ok(registry)
}

fn revision() -> Result<String, CliError> {
    let path =
        std::env::current_exe().map_err(|error| CliError::machine(format!("this program: {error}")))?;
    let machine = |error: std::io::Error| CliError::machine(format!("{}: {error}", path.display()));
    // On Linux this path is the running file, even where another file has taken its place.
    let mut file = File::open("/proc/self/exe").or_else(|_| File::open(&path)).map_err(machine)?;
    let (mut hasher, mut buffer) = (SipHasher13::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(machine)? {
            0 => return Ok(format!("{:016x}", hasher.finish())),
            length => hasher.write(&buffer[..length]),
        }
    }
}
