// The contract as it is watched: each rule is broken once, and nothing else is reported.
// SPDX-License-Identifier: Apache-2.0
#include "plugin/checked_engine.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <lmbench/plugin.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace lmbench;
using plugin::ContractRule;
using plugin::ContractViolations;

namespace {

// An engine whose submit() does what the test says.
class Scripted final : public IGenerationEngine {
 public:
  using Submit = std::function<Code(IEventSink&, const Request&, std::uint32_t&, ErrorText*)>;
  explicit Scripted(Submit submit) : submit_(std::move(submit)) {}

  Code load(ConfigView, IEventSink* sink, ErrorText*) noexcept override {
    sink_ = sink;
    return Code::ok;
  }
  Code submit(const Request* requests, std::uint32_t, std::uint32_t* accepted,
              ErrorText* error) noexcept override {
    *accepted = 0;
    return submit_(*sink_, requests[0], *accepted, error);
  }
  void cancel(std::uint64_t) noexcept override {}
  Code reset(ErrorText*) noexcept override { return Code::internal; }
  void stats(IMetricSink*) noexcept override {}
  void* extension(StrView) noexcept override { return nullptr; }
  void destroy() noexcept override { delete this; }
 private:
  ~Scripted() = default;
  Submit submit_;
  IEventSink* sink_ = nullptr;
};

class Counter final : public IEventSink {
 public:
  virtual ~Counter() = default;
  void on_events(const Event*, std::uint32_t count) noexcept override { events += count; }
  std::uint32_t events = 0;
};

Event tokens(std::uint32_t count) {
  Event event{};
  event.request = 1;
  event.token_count = count;
  return event;
}

Event ended(std::uint32_t count, Finish finish = Finish::length) {
  Event event = tokens(count);
  event.kind = EventKind::finished;
  event.finish = finish;
  return event;
}

// The rules that one request of two to four tokens breaks, whose events are these.
std::vector<std::string> broken_by(const std::vector<Event>& events,
                                   std::uint64_t capabilities = 0) {
  auto violations = std::make_shared<ContractViolations>();
  Counter counter;
  {
    auto engine = plugin::checked_engine(
        plugin::EngineHandle(new Scripted(
            [&](IEventSink& sink, const Request&, std::uint32_t& accepted, ErrorText*) {
              sink.on_events(events.data(), static_cast<std::uint32_t>(events.size()));
              accepted = 1;
              return Code::ok;
            })),
        capabilities, violations);
    engine->load({}, &counter, nullptr);
    Request request{};
    request.struct_size = sizeof(Request);
    request.id = 1;
    request.min_new_tokens = 2;
    request.max_new_tokens = 4;
    std::uint32_t accepted = 0;
    engine->submit(&request, 1, &accepted, nullptr);
  }
  CHECK(counter.events == events.size());  // whatever is wrong with them
  std::vector<std::string> rules;
  for (const auto& violation : violations->all()) rules.emplace_back(name_of(violation.rule));
  return rules;
}

using Rules = std::vector<std::string>;

}  // namespace

TEST_CASE("an engine that keeps its contract is left alone") {
  CHECK(broken_by({tokens(1), tokens(2), ended(1)}) == Rules{});
  CHECK(broken_by({tokens(1), ended(1, Finish::stop)}) == Rules{});
  CHECK(broken_by({ended(0, Finish::cancelled)}) == Rules{});
}

TEST_CASE("each rule about events is seen when it is broken") {
  CHECK(broken_by({ended(4), ended(0)}) == Rules{"one-terminal"});
  CHECK(broken_by({tokens(1)}) == Rules{"ended-by-destroy"});
  CHECK(broken_by({ended(4), tokens(1)}) == Rules{"in-order"});
  CHECK(broken_by({tokens(2), ended(3)}) == Rules{"counts-add-up"});
  CHECK(broken_by({tokens(2), ended(1)}) == Rules{"counts-add-up"});
  CHECK(broken_by({ended(1, Finish::stop)}) == Rules{"min-and-max-tokens"});
  CHECK(broken_by({tokens(4), ended(0, Finish::none)}) == Rules{"fields-as-declared"});
  CHECK(broken_by({ended(4)}, kCapTokenIds) == Rules{"claims-hold"});

  Event reserved = ended(4);
  reserved.reserved64 = 1;
  CHECK(broken_by({reserved}) == Rules{"fields-as-declared"});
  Event stranger = tokens(1);
  stranger.request = 2;
  CHECK(broken_by({stranger, ended(4)}) == Rules{"none-for-refused"});
  Event late_admission = ended(3);
  late_admission.admitted_ns = 5;
  CHECK(broken_by({tokens(1), late_admission}) == Rules{"cached-on-first-only"});
  Event early = tokens(1);
  early.engine_ns = 10;
  Event earlier = ended(3);
  earlier.engine_ns = 9;
  CHECK(broken_by({early, earlier}) == Rules{"in-order"});
}

TEST_CASE("calls are watched too") {
  auto violations = std::make_shared<ContractViolations>();
  Counter counter;
  auto engine = plugin::checked_engine(
      plugin::EngineHandle(new Scripted(
          [](IEventSink& sink, const Request& request, std::uint32_t& accepted, ErrorText*) {
            Event event{};
            event.request = request.id;
            sink.on_events(&event, 1);  // and then refuses it
            accepted = request.id == 1 ? 1 : 0;
            return Code::overloaded;
          })),
      0, violations);
  engine->load({}, &counter, nullptr);
  plugin::ErrorSpace error;
  std::uint32_t accepted = 0;
  Request request{};
  request.id = 2;
  engine->submit(&request, 1, &accepted, error.out());
  CHECK(violations->first(ContractRule::none_for_refused).has_value());
  CHECK(violations->first(ContractRule::error_has_text).has_value());
  CHECK_FALSE(violations->first(ContractRule::accepts_a_prefix).has_value());
  request.id = 1;
  engine->submit(&request, 1, &accepted, error.out());
  CHECK(violations->first(ContractRule::accepts_a_prefix).has_value());
  CHECK_FALSE(violations->first(ContractRule::host).has_value());
  std::thread([&] { engine->reset(nullptr); }).join();
  CHECK(violations->first(ContractRule::host).has_value());
}
