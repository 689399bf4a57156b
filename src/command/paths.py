"""Where things are. Everything the command writes lies under build/."""

import os

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(CHECKOUT, "src")
TEST = os.path.join(CHECKOUT, "test")
BENCH = os.path.join(CHECKOUT, "bench")
BUILD = os.path.join(CHECKOUT, "build")

BUILD_VMM = os.path.join(BUILD, "vmm")
BUILD_HOST = os.path.join(BUILD, "host")
VMM_ELF = os.path.join(BUILD_VMM, "vmm.elf")
RAW_STUB_ELF = os.path.join(BUILD_VMM, "raw_stub.elf")
PROFILE_PLUGIN = os.path.join(BUILD_HOST, "profile.so")
GUEST_ELFS = os.path.join(BUILD_VMM, "guest")
GUEST_MACHINES = os.path.join(SOURCE, "device")  # their device trees

FETCH = os.path.join(BUILD, "fetch")  # private apt state, packages, and what they hold
STAMPS = os.path.join(BUILD, "stamps")
RUN = os.path.join(BUILD, "run")  # images and sockets of runs, one folder each
