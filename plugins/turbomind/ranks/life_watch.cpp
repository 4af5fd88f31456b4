// SPDX-License-Identifier: Apache-2.0
#include "turbomind/ranks/life_watch.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <utility>

namespace turbomind {
namespace {

constexpr int kBeatMs = 200;

// False: the other side has gone.
bool take_beats(const Socket& line, bool& has_beat) {
  std::array<char, 64> beats;
  const ssize_t got = recv(line.fd(), beats.data(), beats.size(), MSG_DONTWAIT);
  has_beat = got > 0;
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

}  // namespace

LifeWatch::LifeWatch(std::vector<Other> others, double silence_s,
                     std::function<void(const std::string&)> on_loss)
    : others_(std::move(others)),
      silent_since_(others_.size(), std::chrono::steady_clock::now()),
      silence_s_(silence_s),
      on_loss_(std::move(on_loss)),
      thread_([this] { watch(); }) {}

LifeWatch::~LifeWatch() {
  is_over_ = true;
  thread_.join();
}

void LifeWatch::watch() {
  while (!is_over_) {
    const std::string loss = look();
    if (!loss.empty()) {
      if (!is_over_) on_loss_(loss);
      return;
    }
  }
}

std::string LifeWatch::look() {
  std::vector<pollfd> lines;
  for (const Other& other : others_) {
    const char beat = 1;
    send(other.line.fd(), &beat, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    lines.push_back({other.line.fd(), POLLIN, 0});
  }
  // Beats of others wake it early; it keeps its own time.
  const Deadline next_beat = after_seconds(kBeatMs / 1e3);
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        next_beat - std::chrono::steady_clock::now());
    poll(lines.data(), lines.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    for (std::size_t i = 0; i < others_.size(); ++i) {
      if (lines[i].revents == 0) continue;
      bool has_beat = false;
      if (!take_beats(others_[i].line, has_beat)) return others_[i].name + " has gone";
      if (has_beat) silent_since_[i] = std::chrono::steady_clock::now();
    }
  } while (!is_over_ && std::chrono::steady_clock::now() < next_beat);
  for (std::size_t i = 0; i < others_.size(); ++i) {
    const std::chrono::duration<double> silent =
        std::chrono::steady_clock::now() - silent_since_[i];
    if (silent.count() <= silence_s_) continue;
    std::ostringstream text;
    text << others_[i].name << " has been silent for " << silence_s_ << " s";
    return text.str();
  }
  return {};
}

}  // namespace turbomind
