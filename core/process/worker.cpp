// SPDX-License-Identifier: Apache-2.0
#include "process/worker.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <type_traits>

#include "error.hpp"
#include "process/heart.hpp"
#include "process/message_channel.hpp"
#include "process/worker_engine.hpp"

namespace lmbench::process {
namespace {

// What is not the engine's refusal but an exception of ours or of a library of ours.
FailedReply failed(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) {
    return {{run::Status::oom, "out of host memory"}};
  }
  const auto* error = dynamic_cast<const Error*>(&e);
  const bool is_plugin = error != nullptr && error->exit_code() == ExitCode::engine_unusable;
  return {{is_plugin ? run::Status::bad_plugin : run::Status::load_failed, e.what()}};
}

Reply answer_guarded(WorkerEngine& engine, const Request& request) {
  try {
    return std::visit(
        [&engine]<class T>(const T& body) -> Reply {
          if constexpr (std::is_same_v<T, QuitRequest>) {
            return DoneReply{};
          } else {
            return engine.answer(body);
          }
        },
        request);
  } catch (const std::exception& e) {
    return failed(e);
  }
}

void serve_until_quit(int fd, WorkerKind kind) {
  MessageChannel channel(fd);
  WorkerEngine engine([&channel](int level, const std::string& text) {
    channel.send(encode(Reply(LogLine{level, text})));
  });
  const auto on_lost = [kind] {  // the engine may be in the middle of anything: nothing is cleared
    if (kind == WorkerKind::process) std::_Exit(EXIT_FAILURE);
  };
  const Heart heart(
      channel, [&engine] { return engine.progress(); }, on_lost);
  while (const auto message = channel.receive()) {
    const Request request = decode_request(*message);
    const Reply reply = answer_guarded(engine, request);
    if (std::holds_alternative<QuitRequest>(request)) return;
    if (!channel.send(encode(reply))) return;
  }
}

}  // namespace

void serve(int fd, WorkerKind kind) noexcept {
  try {
    serve_until_quit(fd, kind);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lmbench worker: %s\n", e.what());
  }
}

void follow_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Had the parent ended before that, its socket would be closed: serve() then ends at once.
}

}  // namespace lmbench::process
