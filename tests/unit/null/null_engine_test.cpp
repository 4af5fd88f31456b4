// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <lmbench/plugin.hpp>
#include <vector>

#include "allocation_count.hpp"

LMBENCH_EXPORT const lmbench::PluginDescriptor lmbench_plugin_v1;

namespace {

using namespace lmbench;

// Counts, and keeps the first events, in room of its own.
class Sink final : public IEventSink {
 public:
  void on_events(const Event* events, std::uint32_t count) noexcept override {
    ++calls;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (kept < kept_events.size()) kept_events[kept++] = events[i];
      tokens += events[i].token_count;
      if (events[i].kind != EventKind::tokens) ++terminals;
    }
  }
  std::vector<Event> kept_events = std::vector<Event>(64);
  std::size_t kept = 0;
  std::uint64_t calls = 0;
  std::uint64_t tokens = 0;
  std::uint64_t terminals = 0;
};

class Engine {
 public:
  Engine() : engine_(lmbench_plugin_v1.create(nullptr, nullptr)) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { engine_->destroy(); }
  IGenerationEngine* operator->() { return engine_; }
 private:
  IGenerationEngine* engine_;
};

ConfigEntry integer_entry(std::string_view key, std::int64_t value) {
  ConfigEntry entry{};
  entry.key = sdk::abi(key);
  entry.type = ValueType::integer;
  entry.number.integer = value;
  return entry;
}

std::vector<Request> requests_of(const std::vector<std::uint32_t>& lengths) {
  static const std::int32_t prompt = 7;
  std::vector<Request> requests;
  for (const std::uint32_t length : lengths) {
    Request& request = requests.emplace_back();
    request.struct_size = sizeof(Request);
    request.id = requests.size();
    request.prompt = {&prompt, 1};
    request.max_new_tokens = length;
  }
  return requests;
}

}  // namespace

TEST_CASE("a batch is stepped together, one call a step, and each request ends with its length") {
  Sink sink;
  Engine engine;
  REQUIRE(engine->load({nullptr, 0}, &sink, nullptr) == Code::ok);
  const auto requests = requests_of({3, 1, 2});
  std::uint32_t accepted = 0;
  CHECK(engine->submit(requests.data(), 3, &accepted, nullptr) == Code::ok);
  CHECK(accepted == 3);
  CHECK(sink.calls == 3);
  CHECK(sink.tokens == 6);
  CHECK(sink.terminals == 3);
  REQUIRE(sink.kept == 6);
  const std::vector<std::uint64_t> order = {1, 2, 3, 1, 3, 1};
  for (std::size_t i = 0; i < 6; ++i) CHECK(sink.kept_events[i].request == order[i]);
  CHECK(sink.kept_events[1].finish == Finish::length);
}

TEST_CASE("step_tokens gives that many at once, the rest at the end") {
  Sink sink;
  Engine engine;
  const ConfigEntry entry = integer_entry("step_tokens", 4);
  REQUIRE(engine->load({&entry, 1}, &sink, nullptr) == Code::ok);
  const auto requests = requests_of({10});
  std::uint32_t accepted = 0;
  engine->submit(requests.data(), 1, &accepted, nullptr);
  REQUIRE(sink.kept == 3);
  CHECK(sink.kept_events[0].token_count == 4);
  CHECK(sink.kept_events[2].token_count == 2);
}

TEST_CASE("a submit of as many requests as were announced allocates nothing") {
  Sink sink;
  Engine engine;
  const ConfigEntry entry = integer_entry("lmbench.max_requests", 64);
  REQUIRE(engine->load({&entry, 1}, &sink, nullptr) == Code::ok);
  const auto requests = requests_of(std::vector<std::uint32_t>(64, 100));
  std::uint32_t accepted = 0;
  const std::uint64_t before = lmbench::test::allocation_count();
  engine->submit(requests.data(), 64, &accepted, nullptr);
  CHECK(lmbench::test::allocation_count() == before);
  CHECK(sink.calls == 100);
  CHECK(sink.tokens == 6400);
}

TEST_CASE("a bad request ends the prefix that is taken") {
  Sink sink;
  Engine engine;
  REQUIRE(engine->load({nullptr, 0}, &sink, nullptr) == Code::ok);
  auto requests = requests_of({2, 2, 2});
  requests[1].max_new_tokens = 0;
  std::uint32_t accepted = 9;
  char text[64];
  ErrorText error = {text, sizeof(text), 0};
  CHECK(engine->submit(requests.data(), 3, &accepted, &error) == Code::invalid_argument);
  CHECK(accepted == 1);
  CHECK(std::string_view(text, error.size) == "max_new_tokens is 0");
  CHECK(sink.tokens == 2);
  CHECK(sink.terminals == 1);
  requests[0].flags = 1U << 31U;
  CHECK(engine->submit(requests.data(), 1, &accepted, nullptr) == Code::unsupported);
  CHECK(accepted == 0);
}

TEST_CASE("unknown options and calls before load are refused") {
  Sink sink;
  Engine engine;
  const auto requests = requests_of({1});
  std::uint32_t accepted = 0;
  CHECK(engine->submit(requests.data(), 1, &accepted, nullptr) == Code::failed_precondition);
  CHECK(engine->reset(nullptr) == Code::failed_precondition);
  const ConfigEntry entry = integer_entry("step_tokes", 4);
  CHECK(engine->load({&entry, 1}, &sink, nullptr) == Code::invalid_argument);
}
