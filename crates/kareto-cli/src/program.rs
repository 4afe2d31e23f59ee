//! The running program as the revision of code that states none.

use std::fs::File;
use std::hash::Hasher as _;
use std::io::Read as _;

use kv_core::policy::Registry;
use siphasher::sip::SipHasher13;

use crate::error::CliError;

/// The registry, with the program's own file named as the code of every policy whose author states none.
///
/// Whatever is compiled into the program is in that file, so no change of any code is missed. A comment may change it
/// too, since the file has the numbers of lines.
pub(crate) fn stated(registry: &Registry) -> Result<Registry, CliError> {
    let mut registry = registry.clone();
    if registry.has_unstated() {
        // Once in a process.
        let name: &'static str = Box::leak(revision()?.into_boxed_str());
        registry.state(Box::leak(Box::new([name])));
    }
    Ok(registry)
}

fn revision() -> Result<String, CliError> {
    let path =
        std::env::current_exe().map_err(|error| CliError::machine(format!("this program: {error}")))?;
    let machine = |error: std::io::Error| CliError::machine(format!("{}: {error}", path.display()));
    // Linux has the file that is running under this name even where another one has taken its place.
    let mut file = File::open("/proc/self/exe").or_else(|_| File::open(&path)).map_err(machine)?;
    let (mut hasher, mut buffer) = (SipHasher13::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(machine)? {
            0 => return Ok(format!("{:016x}", hasher.finish())),
            length => hasher.write(&buffer[..length]),
        }
    }
}
