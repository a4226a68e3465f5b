#!/usr/bin/env python3
"""Checksums of what torch draws on a CPU; the numbers in RandomnessTests come from here.

    make.py        prints one line per check

FNV-1a (64 bit) over little-endian 32-bit words, so that the test needs no hash library. Exact, no tolerance: the same
algorithm must give the same bits. Made with torch 2.15.0.
"""
import struct

import torch


def fnv(words):
    value = 0xCBF29CE484222325
    for word in words:
        for byte in struct.pack("<I", word):
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return hex(value)


def bits(tensor):
    return [struct.unpack("<I", struct.pack("<f", x))[0] for x in tensor.flatten().tolist()]


for seed, count in ((42, 1000), (2**31 + 5, 1000), (7, 100_000)):
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    print("permutation", seed, count, fnv(order))

print("uniform", fnv(bits(torch.empty(5000).uniform_(-0.125, 0.37, generator=torch.Generator().manual_seed(42)))))

torch.manual_seed(42)
rank, drawn = 4, []
for inputs, outputs in ((32, 32), (32, 16), (64, 32), (96, 64)):
    a, _ = torch.nn.Linear(inputs, rank, bias=False), torch.nn.Linear(rank, outputs, bias=False)
    torch.nn.init.kaiming_uniform_(a.weight, a=5**0.5)
    drawn += bits(a.weight.detach())
print("lora A", fnv(drawn))
