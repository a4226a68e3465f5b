// Byte-level text scanners.
