// From create() to destroy(): states, options, errors, and what is left behind.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "conformance/test_engine.hpp"
#include "plugin/config_entries.hpp"
#include "report/number_text.hpp"
#include "telemetry/process_counters.hpp"

namespace lmbench::conformance {
namespace {

using plugin::ContractRule;
using plugin::name_of;

constexpr const char* kUnknownKey = "lmbench_check_unknown_key";

std::string said(const char* call, const Answered& answered) {
  return std::string(call) + " said " + name_of(answered.code) +
         (answered.text.empty() ? "" : ": " + answered.text);
}

// ---- what is left behind ------------------------------------------------------------------------

struct Footprint {
  std::uint64_t bytes = 0;
  std::size_t threads = 0;
  std::size_t files = 0;
};

std::size_t entries_in(const char* folder) {
  std::error_code error;
  std::size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    ++count;
  }
  return count;
}

Footprint footprint() {
  const auto pid = static_cast<std::uint32_t>(::getpid());
  return {telemetry::process_counters("/", pid).resident_bytes.value_or(0),
          entries_in("/proc/self/task"), entries_in("/proc/self/fd")};
}

void live_once(const Subject& subject, bool loads) {
  TestEngine engine(subject);
  if (!loads) return;
  engine.must_load();
  engine.must_submit({Ask{}, Ask{}});
  engine.must_end();
}

Finding create_destroy_20_times(const Subject& subject) {
  constexpr int kSettling = 8;  // allocators and thread pools take what they keep
  constexpr int kTimes = 20;
  constexpr std::uint64_t kSlackBytes = 16U << 20U;
  bool loads = TestEngine(subject).load().code == Code::ok;
  if (subject.has_config && !loads) TestEngine(subject).must_load();
  Footprint settled;
  for (int i = 0; i < kTimes; ++i) {
    live_once(subject, loads);
    if (i + 1 == kSettling) settled = footprint();
  }
  const Footprint end = footprint();
  const std::string lives =
      std::to_string(kTimes) + " lives" + (loads ? ", each with load() and two requests" : "");
  constexpr std::size_t kSlack = (kTimes - kSettling) / 2;  // threads that are about to end
  if (end.threads > settled.threads + kSlack) {
    return fail("after " + lives + " there are " + std::to_string(end.threads - settled.threads) +
                " threads more");
  }
  if (end.files > settled.files + kSlack) {
    return fail("after " + lives + " there are " + std::to_string(end.files - settled.files) +
                " open files more");
  }
  if (end.bytes > settled.bytes + kSlackBytes) {
    return fail("the last " + std::to_string(kTimes - kSettling) + " of " + lives + " left " +
                report::fixed_text(static_cast<double>(end.bytes - settled.bytes) / (1 << 20), 1) +
                " MiB behind");
  }
  return pass(lives + " left no thread, no file and no memory behind");
}

// ---- options ------------------------------------------------------------------------------------

// load() refuses the option, with a sentence that names it.
Finding refuses(const Subject& subject, const std::string& key, const scenario::OptionValue& value,
                const std::string& what) {
  TestEngine engine(subject);
  const Answered answered = engine.load({{key, value}});
  if (answered.code == Code::ok) return fail("load() accepts " + what + " of '" + key + "'");
  if (engine.violations().first(ContractRule::error_has_text)) {
    return warn(
        "load() refuses it, but without a sentence, which lifecycle/error-has-text is about");
  }
  if (answered.text.find(key) == std::string::npos) {
    return fail(said("load()", answered) + ", which does not name the key '" + key + "'");
  }
  return pass(said("load()", answered));
}

Finding missing_model(const Subject& subject) {
  TestEngine engine(subject);
  const Answered answered = engine.load({{"model", std::string("/no/such/lmbench-check-model")}});
  if (answered.code == Code::ok) return skip("the engine has no use for 'model'");
  return pass(said("load()", answered));
}

Finding unknown_key_named(const Subject& subject) {
  return refuses(subject, kUnknownKey, std::int64_t{1}, "an unknown key, as in a typing error,");
}

Finding wrong_type(const Subject& subject) {
  if (subject.options.empty()) return skip("no option is given with --config");
  const auto& [key, value] = subject.options.front();
  const bool is_text = std::holds_alternative<std::string>(value);
  return refuses(subject, key,
                 is_text ? scenario::OptionValue(std::int64_t{1})
                         : scenario::OptionValue(std::string("lmbench-check")),
                 "a value of the wrong type");
}

Finding out_of_range(const Subject& subject) {
  const auto found =
      std::find_if(subject.options.begin(), subject.options.end(),
                   [](const auto& o) { return std::holds_alternative<std::int64_t>(o.second); });
  if (found == subject.options.end()) return skip("no integer option is given with --config");
  return refuses(subject, found->first, std::numeric_limits<std::int64_t>::min(),
                 "the least integer there is as a value");
}

// ---- wrong moments ------------------------------------------------------------------------------

Finding expects_precondition(const char* call, const Answered& answered) {
  if (answered.code == Code::failed_precondition) return pass(said(call, answered));
  return fail(said(call, answered) + "; it must be failed_precondition");
}

Finding load_twice(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  return expects_precondition("a second load()", engine.load());
}

Finding submit_before_load(const Subject& subject) {
  TestEngine engine(subject);
  const Answered answered = engine.submit({Ask{}});
  if (answered.accepted != 0) return fail("submit() before load() accepted a request");
  return expects_precondition("submit() before load()", answered);
}

Finding destroy_before_load(const Subject& subject) {
  TestEngine(subject).destroy();
  return pass("destroy() right after create() returned");
}

Finding destroy_after_failed_load(const Subject& subject) {
  TestEngine engine(subject);
  if (engine.load({{kUnknownKey, std::int64_t{1}}}).code == Code::ok) {
    return skip(
        "load() does not fail at an unknown key, which lifecycle/unknown-key-named is about");
  }
  engine.destroy();
  return pass("destroy() after a failed load() returned");
}

Finding destroy_in_flight(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  engine.must_submit(std::vector<Ask>(4, {.min_new_tokens = 200, .max_new_tokens = 200}));
  engine.destroy();
  return engine.about(ContractRule::ended_by_destroy,
                      "destroy() ended the four requests that were in flight");
}

Answered reset_of(TestEngine& engine) {
  plugin::ErrorSpace error;
  Answered answered;
  answered.code = engine.engine().reset(error.out());
  if (answered.code != Code::ok) answered.text = error.text();
  return answered;
}

Finding reset_is_cold(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  engine.must_submit({Ask{}, Ask{}});
  engine.must_end();
  const Answered answered = reset_of(engine);
  if (answered.code != Code::ok) return fail(said("reset() with nothing in flight", answered));
  for (const auto& [name, value] : engine.counters()) {
    if (value != 0) {
      return fail("after reset() the counter '" + name + "' is " + report::number_text(value) +
                  ", not 0");
    }
  }
  engine.must_submit({Ask{}});
  engine.must_end();
  return pass("after reset() all counters were 0, and the engine worked");
}

Finding reset_in_flight_refused(const Subject& subject) {
  TestEngine engine(subject);
  engine.must_load();
  const std::uint64_t id = engine.must_submit({{.min_new_tokens = 200, .max_new_tokens = 200}});
  if (engine.have_ended()) {
    return skip("nothing is in flight when submit() returns");
  }
  const Answered answered = reset_of(engine);
  const bool had_ended = engine.have_ended();
  engine.engine().cancel(id);
  if (answered.code == Code::ok && !had_ended)
    return fail("reset() with a request in flight said ok");
  return pass(answered.code == Code::ok ? "the request had ended before"
                                        : said("reset()", answered));
}

// ---- extensions and errors ----------------------------------------------------------------------

Finding unknown_extension_null(const Subject& subject) {
  TestEngine engine(subject);
  for (const char* id : {"com.example.no-such-thing/1", "lmbench.model/999", ""}) {
    if (plugin::extension_of<void>(engine.engine(), id) == nullptr) continue;
    return fail("extension(\"" + std::string(id) + "\") is not null");
  }
  return pass("an interface that nobody knows is null");
}

Finding extension_pointer_stable(const Subject& subject) {
  TestEngine engine(subject);
  constexpr std::array<const char*, 5> kIds = {"lmbench.model/1", "lmbench.memory/1",
                                               "lmbench.roofline/1", "lmbench.text/1",
                                               "lmbench.convert/1"};
  std::array<const void*, kIds.size()> first{};
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    first.at(i) = plugin::extension_of<void>(engine.engine(), kIds.at(i));
  }
  engine.load();
  for (std::size_t i = 0; i < kIds.size(); ++i) {
    if (plugin::extension_of<void>(engine.engine(), kIds.at(i)) == first.at(i)) continue;
    return fail("extension(\"" + std::string(kIds.at(i)) + "\") is another pointer after load()");
  }
  return pass("each interface is the same pointer before and after load()");
}

Finding null_error_text(const Subject& subject) {
  TestEngine engine(subject);
  const plugin::ConfigEntries entries(scenario::Options{{kUnknownKey, std::int64_t{1}}});
  engine.engine().load(entries.view(), nullptr, nullptr);
  std::uint32_t accepted = 0;
  const Request request{};
  engine.engine().submit(&request, 1, &accepted, nullptr);
  engine.engine().reset(nullptr);
  return pass("calls that fail without space for a sentence return");
}

Finding error_has_text(const Subject& subject) {
  TestEngine engine(subject);
  engine.submit({Ask{}});
  reset_of(engine);
  engine.load({{kUnknownKey, std::int64_t{1}}});
  return engine.about(ContractRule::error_has_text, "each failed call gave a sentence");
}

constexpr std::array<CheckCase, 16> kCases = {{
    {"lifecycle/create-destroy-20-times", "lives leave no thread, file or memory behind",
     create_destroy_20_times},
    {"lifecycle/missing-model", "a model that is not there is refused with a sentence",
     missing_model},
    {"lifecycle/unknown-key-named", "an option that nobody knows is refused by its name",
     unknown_key_named},
    {"lifecycle/wrong-type", "an option of the wrong type is refused by its name", wrong_type},
    {"lifecycle/out-of-range", "an integer option out of range is refused by its name",
     out_of_range},
    {"lifecycle/load-twice", "a second load() is failed_precondition", load_twice},
    {"lifecycle/submit-before-load", "submit() before load() is failed_precondition",
     submit_before_load},
    {"lifecycle/destroy-before-load", "destroy() is allowed right after create()",
     destroy_before_load},
    {"lifecycle/destroy-after-failed-load", "destroy() is allowed after a load() that failed",
     destroy_after_failed_load},
    {"lifecycle/destroy-in-flight", "destroy() ends what is in flight", destroy_in_flight},
    {"lifecycle/reset-is-cold", "reset() sets counters to zero and leaves a working engine",
     reset_is_cold},
    {"lifecycle/reset-in-flight-refused", "reset() is refused while requests are in flight",
     reset_in_flight_refused},
    {"lifecycle/unknown-extension-null", "an interface that nobody knows is null",
     unknown_extension_null},
    {"lifecycle/extension-pointer-stable", "an interface is the same pointer every time",
     extension_pointer_stable},
    {"lifecycle/null-error-text", "a null ErrorText means that nobody wants the sentence",
     null_error_text},
    {"lifecycle/error-has-text", "each code that is not ok comes with a sentence", error_has_text},
}};

}  // namespace

std::span<const CheckCase> lifecycle_cases() { return kCases; }

}  // namespace lmbench::conformance
