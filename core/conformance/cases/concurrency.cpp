// Many threads, cancellation, and more requests than there is room for.
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "conformance/test_engine.hpp"

namespace lmbench::conformance {
namespace {

using plugin::ContractRule;
using plugin::name_of;

// All requests that were taken have ended; whether those that were not got events. What else the
// events say is the matter of the group events.
Finding about_ends(const TestEngine& engine, const std::string& all_is_well) {
  for (const ContractRule rule : {ContractRule::none_for_refused, ContractRule::accepts_a_prefix}) {
    const Finding finding = engine.about(rule, all_is_well);
    if (finding.verdict == Verdict::fail) return finding;
  }
  return pass(all_is_well);
}

Finding submit_from_16_threads(const Subject& subject) {
  constexpr int kThreads = 16;
  constexpr int kRequestsEach = 4;
  TestEngine engine(subject);
  engine.must_load();
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&engine, &refused] {
      for (int sent = 0, tries = 0; sent < kRequestsEach && tries < 20'000; ++tries) {
        const Answered answered = engine.submit({{.min_new_tokens = 4, .max_new_tokens = 4}});
        if (answered.code == Code::ok) {
          ++sent;
        } else if (answered.code == Code::overloaded) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        } else {
          ++refused;
          return;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (refused != 0) return fail("a plain request was refused when 16 threads sent requests");
  engine.must_end();
  return about_ends(engine, "64 requests of 16 threads at once ended once each");
}

Finding cancel_before_during_after(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  engine.engine().cancel(1);  // the id that comes next
  const std::uint64_t id =
      engine.must_submit({{.min_new_tokens = 256, .max_new_tokens = 256}, Ask{}});
  if (!engine.wait_for_events(id, 1)) return fail("a request got no event in time");
  engine.engine().cancel(id);
  if (!engine.wait_for_ends()) return fail("a cancelled request did not end in time");
  engine.engine().cancel(id);
  engine.must_submit({Ask{}});
  engine.must_end();
  return about_ends(engine, "cancel() before, during and after a request did no harm");
}

Finding cancel_unknown(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  const std::uint64_t first = engine.must_submit(std::vector<Ask>(4, Ask{}));
  for (const std::uint64_t id : {std::uint64_t{0}, ~std::uint64_t{0}, first + 1000}) {
    engine.engine().cancel(id);
  }
  engine.must_end();
  return about_ends(engine, "cancel() of ids that are not there was ignored");
}

std::vector<Ask> too_many() {
  constexpr std::size_t kMany = 4096;
  return std::vector<Ask>(kMany, {.prompt_tokens = 2, .min_new_tokens = 2, .max_new_tokens = 2});
}

Finding overload_keeps_prefix(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  const std::vector<Ask> asks = too_many();
  const Answered answered = engine.submit(asks);
  if (answered.code != Code::ok && answered.code != Code::overloaded) {
    return fail(std::to_string(asks.size()) + " requests at once gave " + name_of(answered.code) +
                ": " + answered.text);
  }
  return engine.about(ContractRule::accepts_a_prefix, "of " + std::to_string(asks.size()) +
                                                          " requests at once it took the first " +
                                                          std::to_string(answered.accepted) +
                                                          " and said " + name_of(answered.code));
}

Finding overload_loses_nothing(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  std::uint64_t first = 0;
  const Answered answered = engine.submit(too_many(), &first);
  if (!engine.wait_for_ends()) {
    return fail("of " + std::to_string(answered.accepted) +
                " requests that were accepted at once, some did not end in time");
  }
  return engine.about(ContractRule::none_for_refused,
                      "all " + std::to_string(answered.accepted) +
                          " accepted requests ended, and no other one got an event");
}

constexpr std::array<CheckCase, 5> kCases = {{
    {"concurrency/submit-from-16-threads", "submit() may be called from any threads at once",
     submit_from_16_threads},
    {"concurrency/cancel-before-during-after", "cancel() is harmless at any time",
     cancel_before_during_after},
    {"concurrency/cancel-unknown", "cancel() of an unknown id is ignored", cancel_unknown},
    {"concurrency/overload-keeps-prefix", "too many requests: a prefix is taken, and it is said",
     overload_keeps_prefix},
    {"concurrency/overload-loses-nothing", "too many requests: those that were taken all end",
     overload_loses_nothing},
}};

}  // namespace

std::span<const CheckCase> concurrency_cases() { return kCases; }

}  // namespace lmbench::conformance
