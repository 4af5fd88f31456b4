// SPDX-License-Identifier: Apache-2.0
#include "process/child_answer.hpp"

#include "process/message_channel.hpp"
#include "process/worker_link.hpp"

namespace lmbench::process {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds left_until(Clock::time_point deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
}

// The message, or nothing when the child ended or the time is over.
std::optional<std::string> message_from(ChildProcess& child, Clock::time_point deadline) {
  MessageChannel channel(child.channel_fd());
  while (true) {
    if (auto message = channel.next()) return message;
    const auto left = left_until(deadline);
    if (left.count() <= 0) return std::nullopt;
    if (child.wait(left) && !channel.fill()) return channel.next();
  }
}

}  // namespace

ChildAnswer ask_child(const std::vector<std::string>& arguments, std::chrono::seconds patience) {
  std::vector<std::string> words = {"lmbench"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  ChildProcess child({.executable = "/proc/self/exe", .arguments = words, .environment = {}}, {});
  const auto deadline = Clock::now() + patience;
  ChildAnswer answer;
  answer.message = message_from(child, deadline);
  child.wait_for_exit(left_until(deadline));
  answer.is_hanging = !child.exit_state();
  child.kill();
  answer.state = child.exit_state().value_or(ExitState{});
  answer.last_line = last_line_of(child.last_words());
  return answer;
}

std::string ChildAnswer::failure() const {
  return describe(state) + (last_line.empty() ? "" : "; last words: " + last_line);
}

}  // namespace lmbench::process
