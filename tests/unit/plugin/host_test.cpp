// SPDX-License-Identifier: Apache-2.0
#include "plugin/host.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

using lmbench::IHost;
using lmbench::IProgress;
using lmbench::LogLevel;
using lmbench::StrView;
using lmbench::plugin::Host;
using Lines = std::vector<std::pair<int, std::string>>;

namespace {

StrView abi(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

TEST_CASE("the host's clock goes forward") {
  Host host({});
  const std::uint64_t before = host.now_ns();
  CHECK(before > 0);
  CHECK(host.now_ns() >= before);
  CHECK(host.abi_minor() == LMBENCH_ABI_MINOR);
}

TEST_CASE("what an engine says is passed on with its level") {
  Lines lines;
  Host host([&](int level, const std::string& text) { lines.emplace_back(level, text); });
  IHost& seen_by_plugin = host;
  seen_by_plugin.log(LogLevel::warning, abi("hot"));
  seen_by_plugin.log(static_cast<LogLevel>(99), abi("odd"));
  seen_by_plugin.log(LogLevel::trace, {nullptr, 0});
  CHECK(lines == Lines{{3, "hot"}, {4, "odd"}, {0, ""}});
}

TEST_CASE("a log that throws does not end the engine") {
  Host host([](int, const std::string&) { throw std::runtime_error("the disk is full"); });
  host.log(LogLevel::info, abi("x"));
  Host silent({});
  silent.log(LogLevel::info, abi("x"));
}

TEST_CASE("the progress of a load is what was said last, between 0 and 1") {
  Host host({});
  auto* progress = static_cast<IProgress*>(host.extension(abi("lmbench.progress/1")));
  REQUIRE(progress != nullptr);
  CHECK(host.load_progress().stage.empty());
  progress->on_load_progress(abi("weights"), 0.25);
  CHECK(host.load_progress().stage == "weights");
  CHECK(host.load_progress().fraction == 0.25);
  progress->on_load_progress(abi("graphs"), 7.0);
  CHECK(host.load_progress().fraction == 1.0);
  progress->on_load_progress({nullptr, 0}, std::numeric_limits<double>::quiet_NaN());
  CHECK(host.load_progress().fraction == 0.0);
  CHECK(host.load_progress().stage.empty());
}

TEST_CASE("an extension that the host does not have is null") {
  Host host({});
  CHECK(host.extension(abi("lmbench.progress/2")) == nullptr);
  CHECK(host.extension(abi("lmbench.progress/1x")) == nullptr);
  CHECK(host.extension({nullptr, 0}) == nullptr);
}
