// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/life_watch.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <lmbench/plugin.hpp>
#include <sstream>
#include <utility>

namespace turbomind {
namespace {

using lmbench::Code;

constexpr int kBeatMs = 200;
constexpr double kLastWordsS = 2;
constexpr std::size_t kMostLastWords = 64 << 10U;

// What comes on a line, byte by byte. A message follows the second kind.
constexpr char kBeat = 1;
constexpr char kLastWords = 2;

}  // namespace

LifeWatch::LifeWatch(std::vector<Other> others, double silence_s,
                     std::function<void(const RankFailure&)> on_loss)
    : others_(std::move(others)),
      silent_since_(others_.size(), std::chrono::steady_clock::now()),
      silence_s_(silence_s),
      on_loss_(std::move(on_loss)),
      thread_([this] { watch(); }) {}

LifeWatch::~LifeWatch() {
  is_over_ = true;
  thread_.join();
}

void LifeWatch::say_why(const RankFailure& failure) noexcept {
  const std::lock_guard lock(sending_);
  for (const Other& other : others_) {
    try {
      other.line.send(std::as_bytes(std::span(&kLastWords, 1)), after_seconds(kLastWordsS));
      send_message(other.line, kFailed, serialise(failure), after_seconds(kLastWordsS));
    } catch (const std::exception&) {
      // It is lost: nobody is left to hear of it.
    }
  }
}

void LifeWatch::hang_up() noexcept {
  for (const Other& other : others_) other.line.shut_down();
}

void LifeWatch::watch() {
  while (!is_over_) {
    const std::optional<RankFailure> loss = look();
    if (!loss) continue;
    if (!is_over_) on_loss_(*loss);
    return;
  }
}

void LifeWatch::beat() {
  const std::lock_guard lock(sending_);
  for (const Other& other : others_) {
    send(other.line.fd(), &kBeat, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}

// One beat long.
std::optional<RankFailure> LifeWatch::look() {
  beat();
  std::vector<pollfd> lines;
  for (const Other& other : others_) lines.push_back({other.line.fd(), POLLIN, 0});
  // Beats of others wake it early; it keeps its own time.
  const Deadline next_beat = after_seconds(kBeatMs / 1e3);
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        next_beat - std::chrono::steady_clock::now());
    poll(lines.data(), lines.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    for (std::size_t i = 0; i < others_.size(); ++i) {
      if (lines[i].revents == 0) continue;
      if (std::optional<RankFailure> loss = listen_to(i)) return loss;
    }
  } while (!is_over_ && std::chrono::steady_clock::now() < next_beat);
  return find_silent();
}

std::optional<RankFailure> LifeWatch::listen_to(std::size_t other) {
  const auto& [name, line] = others_[other];
  const RankFailure gone{Code::device_error, name + " has gone"};
  char sign = 0;
  while (true) {
    const ssize_t got = recv(line.fd(), &sign, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {};
    if (got <= 0) return gone;
    silent_since_[other] = std::chrono::steady_clock::now();
    if (sign != kLastWords) continue;
    try {
      Message message;
      receive_message(line, message, kMostLastWords, after_seconds(kLastWordsS));
      const RankFailure why = parse_rank_failure(message.bytes);
      return RankFailure{why.code, name + ": " + why.text};
    } catch (const std::exception&) {
      return gone;
    }
  }
}

std::optional<RankFailure> LifeWatch::find_silent() const {
  const double most_s = silence_s_;
  for (std::size_t i = 0; i < others_.size(); ++i) {
    const std::chrono::duration<double> silent =
        std::chrono::steady_clock::now() - silent_since_[i];
    if (silent.count() <= most_s) continue;
    std::ostringstream text;
    text << others_[i].name << " has been silent for " << most_s << " s";
    return RankFailure{Code::device_error, text.str()};
  }
  return {};
}

}  // namespace turbomind
