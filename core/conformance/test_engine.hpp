// The engine of a plugin as a case sees it: under the watch of the contract, with a sink that keeps
// every event, and requests that are short to write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <lmbench/engine_abi.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "conformance/check_case.hpp"
#include "plugin/contract_violations.hpp"
#include "plugin/engine_handle.hpp"
#include "plugin/host.hpp"
#include "split_mix_64.hpp"

namespace lmbench::conformance {

struct SeenEvent {
  Event event;
  std::vector<std::int32_t> tokens;
  std::uint64_t at_ns = 0;  // CLOCK_MONOTONIC, when it came
};

struct Ask {
  std::uint32_t prompt_tokens = 8;
  std::uint32_t min_new_tokens = 8;
  std::uint32_t max_new_tokens = 8;
  std::uint32_t flags = kIgnoreEos;
  std::vector<std::int32_t> prompt = {};  // empty: drawn, another one for each request
  std::vector<std::int32_t> stop_tokens = {};
  float temperature = 0;
  float top_p = 1;
  std::int32_t top_k = 1;
};

struct Answered {
  Code code = Code::ok;
  std::uint32_t accepted = 0;
  std::string text;
};

class TestEngine final : private IEventSink {
 public:
  // Opens the plugin and makes an engine. Throws Error.
  explicit TestEngine(const Subject& subject);
  virtual ~TestEngine();
  TestEngine(const TestEngine&) = delete;
  TestEngine& operator=(const TestEngine&) = delete;

  const PluginDescriptor& descriptor() const noexcept { return descriptor_; }
  bool claims(std::uint64_t capability) const {
    return (descriptor_.capabilities & capability) != 0;
  }
  // Ends the case as skipped without the capability.
  void require(std::uint64_t capability, const char* name) const;

  // With the subject's options, and further ones in front.
  Answered load(const scenario::Options& more = {});
  // Ends the case when the engine does not load: skipped where the user gave no options.
  void must_load();

  // Ids count up from 1; *first_id gets that of the first request.
  Answered submit(const std::vector<Ask>& asks, std::uint64_t* first_id = nullptr);
  // Ends the case as skipped when the engine takes none of them, as it must.
  std::uint64_t must_submit(const std::vector<Ask>& asks);
  Answered submit_raw(Request request);  // as it is; its id is set unless it is 0

  // All accepted requests have ended, now or later; false when nothing comes any more for as long as
  // the subject's patience lasts.
  bool wait_for_ends();
  bool have_ended() const;
  // Ends the case when they do not: what never ends is the matter of events/one-terminal.
  void must_end();
  bool wait_for_events(std::uint64_t id, std::size_t count);

  std::vector<SeenEvent> events_of(std::uint64_t id) const;
  Finish finish_of(std::uint64_t id) const;  // of its first terminal event; none: there is none
  std::vector<std::int32_t> tokens_of(std::uint64_t id) const;
  std::uint64_t calls() const;
  std::uint64_t events() const;

  std::map<std::string, double> counters();

  void destroy();  // at most once; the destructor does it otherwise
  IGenerationEngine& engine() { return *engine_; }
  const plugin::ContractViolations& violations() const { return *violations_; }
  // pass, or fail with what was seen against this rule.
  Finding about(plugin::ContractRule rule, const std::string& all_is_well) const;

  std::uint32_t vocabulary();
 private:
  void on_events(const Event* events, std::uint32_t count) noexcept override;
  Request request_for(const Ask& ask, std::vector<std::int32_t>& prompt);
  std::int32_t draw();

  const Subject& subject_;
  const PluginDescriptor& descriptor_;
  plugin::Host host_;
  std::shared_ptr<plugin::ContractViolations> violations_;
  plugin::EngineHandle engine_;
  SplitMix64 random_;
  std::uint32_t vocabulary_ = 0;

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::uint64_t next_id_ = 1;
  std::uint64_t accepted_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t events_ = 0;
  std::map<std::uint64_t, std::vector<SeenEvent>> seen_;
};

}  // namespace lmbench::conformance
