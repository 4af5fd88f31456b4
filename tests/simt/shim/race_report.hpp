// What the race checker found, each pair of places once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace simt {

// A place in the program; 0: none.
using CodePlace = std::uint32_t;
CodePlace place_of(const void* return_address);

struct RaceReport {
  const char* what;
  CodePlace place;
  unsigned thread;
  CodePlace other_place;  // of the access before; 0: there is none
  unsigned other_thread;
  unsigned block;
  const char* memory;  // "shared", "global"
  std::size_t offset;  // in it
};

void report_race(const RaceReport& report);

}  // namespace simt
