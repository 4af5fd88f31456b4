// What goes wrong on purpose, and when: one word for each thing that engines really do wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmbench::sim {

enum class Fault : std::uint32_t {
  none,
  // Of the struck request:
  short_output,     // it ends before its length
  oom,              // it fails with out_of_memory; so does load()
  refuse,           // submit() refuses it as unsupported; so does load()
  wrong_count,      // it gets one token more than it asked for
  foreign_token,    // one of its tokens is not in the vocabulary
  cached_prompt,    // its first event says that the prompt was not computed
  double_terminal,  // it ends twice
  unknown_request,  // an event of a request that nobody made comes with its token
  // Of the whole engine:
  device_error,     // all requests in flight fail, and every later submit(); or load()
  hang,             // no event any more; or load() or destroy() does not return
  slow,             // from then on a step takes 0.25 s longer
  crash,            // SIGSEGV
  abort,            // SIGABRT
  exit,             // exit code 3
  bad_alloc,        // an uncaught std::bad_alloc; load() says out_of_memory
  throw_in_submit,  // an exception leaves submit(), which is noexcept
};

enum class FaultAt : std::uint32_t { load, first_token, mid_decode, teardown };

// "crash", or several as in "crash,hang"; empty for "none". Throws sdk::Error(invalid_argument).
std::vector<Fault> faults_from(std::string_view text);

std::string_view name_of(Fault fault) noexcept;

bool can_happen(Fault fault, FaultAt place) noexcept;

// It ends a process, a thread or a call, or all that is in flight.
bool strikes_the_engine(Fault fault) noexcept;

}  // namespace lmbench::sim
