//! A buffer that begins where direct I/O wants it: at a multiple of 4 KiB, which every device takes.

use crate::extent::MIB;

const ALIGNMENT: usize = 4096;

/// A buffer with a pattern in it that no device can compress.
#[derive(Debug)]
pub(super) struct Aligned {
    memory: Vec<u8>,
    start: usize,
    bytes: usize,
}

impl Aligned {
    pub(super) fn new(bytes: usize) -> Self {
        let mut memory = vec![0_u8; bytes + ALIGNMENT];
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        // One MiB of it, again and again.
        let (first, rest) = memory[start..start + bytes].split_at_mut(bytes.min(MIB as usize));
        for word in first.chunks_mut(8) {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes()[..word.len()]);
        }
        rest.chunks_mut(first.len().max(1)).for_each(|piece| piece.copy_from_slice(&first[..piece.len()]));
        Self { memory, start, bytes }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.start + self.bytes]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.bytes]
    }
}
