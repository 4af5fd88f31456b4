// SPDX-License-Identifier: Apache-2.0
#include "conformance/test_engine.hpp"

#include <algorithm>
#include <lmbench/ext/model.hpp>

#include "clock.hpp"
#include "plugin/checked_engine.hpp"
#include "plugin/config_entries.hpp"
#include "plugin/library.hpp"

namespace lmbench::conformance {
namespace {

constexpr std::uint32_t kUnknownVocabulary = 256;  // of an engine that does not say
constexpr std::int64_t kMostRequests = 64;
constexpr std::int64_t kMostTokens = 512;

// The runner's hints, in front of the options.
scenario::Options with_hints(const scenario::Options& options, const scenario::Options& more) {
  scenario::Options all = more;
  all.emplace_back("lmbench.max_requests", kMostRequests);
  all.emplace_back("lmbench.max_sequence_tokens", kMostTokens);
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

}  // namespace

TestEngine::TestEngine(const Subject& subject)
    : subject_(subject),
      descriptor_(plugin::open_plugin(subject.plugin)),
      host_([](int, const std::string&) {}),
      violations_(std::make_shared<plugin::ContractViolations>()),
      engine_(plugin::checked_engine(plugin::create_engine(descriptor_, host_),
                                     descriptor_.capabilities, violations_)),
      random_(subject.seed) {}

TestEngine::~TestEngine() { destroy(); }

void TestEngine::destroy() { engine_.reset(); }

void TestEngine::require(std::uint64_t capability, const char* name) const {
  if (!claims(capability)) throw CaseEnd{skip(std::string("the plugin does not claim ") + name)};
}

Answered TestEngine::load(const scenario::Options& more) {
  // The options of a case stand in for those of the subject.
  scenario::Options options;
  for (const auto& option : subject_.options) {
    const bool is_replaced = std::any_of(
        more.begin(), more.end(), [&](const auto& other) { return other.first == option.first; });
    if (!is_replaced) options.push_back(option);
  }
  const plugin::ConfigEntries entries(with_hints(options, more));
  plugin::ErrorSpace error;
  Answered answered;
  answered.code = engine_->load(entries.view(), this, error.out());
  if (answered.code != Code::ok) answered.text = error.text();
  return answered;
}

void TestEngine::must_load() {
  const Answered answered = load();
  if (answered.code == Code::ok) {
    vocabulary();  // here, since other threads may need it next
    return;
  }
  const std::string sentence =
      "load() said " + plugin::name_of(answered.code) + ": " + answered.text;
  if (subject_.has_config) throw CaseEnd{fail(sentence)};
  throw CaseEnd{skip("needs a model, so give its options with --config; without, " + sentence)};
}

std::uint32_t TestEngine::vocabulary() {
  if (vocabulary_ != 0) return vocabulary_;
  vocabulary_ = kUnknownVocabulary;
  if (auto* model = plugin::extension_of<IModel>(*engine_, "lmbench.model/1")) {
    ModelInfo info{};
    if (model->info(&info, nullptr) == Code::ok && info.vocabulary > 0) {
      vocabulary_ = info.vocabulary;
    }
  }
  return vocabulary_;
}

// Not one of the first few, which often are special tokens.
std::int32_t TestEngine::draw() {
  constexpr std::uint32_t kSpecial = 4;
  const std::uint32_t range = vocabulary();
  if (range <= kSpecial) return static_cast<std::int32_t>(random_.below(range));
  return static_cast<std::int32_t>(kSpecial + random_.below(range - kSpecial));
}

Request TestEngine::request_for(const Ask& ask, std::vector<std::int32_t>& prompt) {
  prompt = ask.prompt;
  while (prompt.size() < ask.prompt_tokens) prompt.push_back(draw());
  const bool is_fixed = claims(kCapFixedLength);
  Request request{};
  request.struct_size = sizeof(Request);
  request.flags = is_fixed ? ask.flags : 0;
  request.prompt = {prompt.data(), prompt.size()};
  request.stop_tokens = {ask.stop_tokens.data(), ask.stop_tokens.size()};
  request.min_new_tokens = is_fixed ? ask.min_new_tokens : 0;
  request.max_new_tokens = ask.max_new_tokens;
  request.temperature = ask.temperature;
  request.top_p = ask.top_p;
  request.top_k = ask.top_k;
  return request;
}

Answered TestEngine::submit(const std::vector<Ask>& asks, std::uint64_t* first_id) {
  std::vector<std::vector<std::int32_t>> prompts(asks.size());
  std::vector<Request> requests;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < asks.size(); ++i) {
      requests.push_back(request_for(asks[i], prompts[i]));
      requests.back().id = next_id_++;
    }
  }
  if (first_id != nullptr) *first_id = requests.front().id;
  plugin::ErrorSpace error;
  Answered answered;
  answered.code = engine_->submit(requests.data(), static_cast<std::uint32_t>(requests.size()),
                                  &answered.accepted, error.out());
  if (answered.code != Code::ok) answered.text = error.text();
  const std::lock_guard lock(mutex_);
  accepted_ += answered.accepted;
  return answered;
}

std::uint64_t TestEngine::must_submit(const std::vector<Ask>& asks) {
  std::uint64_t first = 0;
  const Answered answered = submit(asks, &first);
  if (answered.accepted == asks.size()) return first;
  throw CaseEnd{fail("of " + std::to_string(asks.size()) + " plain requests " +
                     std::to_string(answered.accepted) + " were accepted; then " +
                     plugin::name_of(answered.code) + ": " + answered.text)};
}

Answered TestEngine::submit_raw(Request request) {
  if (request.id != 0) {
    const std::lock_guard lock(mutex_);
    request.id = next_id_++;
  }
  plugin::ErrorSpace error;
  Answered answered;
  answered.code = engine_->submit(&request, 1, &answered.accepted, error.out());
  if (answered.code != Code::ok) answered.text = error.text();
  const std::lock_guard lock(mutex_);
  accepted_ += answered.accepted;
  return answered;
}

void TestEngine::on_events(const Event* events, std::uint32_t count) noexcept {
  const std::uint64_t now_ns = monotonic_now_ns();
  const std::lock_guard lock(mutex_);
  ++calls_;
  events_ += count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Event& event = events[i];
    SeenEvent seen{.event = event, .tokens = {}, .at_ns = now_ns};
    if (event.tokens != nullptr) {
      seen.tokens.assign(event.tokens, event.tokens + event.token_count);
    }
    std::vector<SeenEvent>& of_request = seen_[event.request];
    const bool had_ended = !of_request.empty() && of_request.back().event.kind != EventKind::tokens;
    if (event.kind != EventKind::tokens && !had_ended) ++ended_;
    of_request.push_back(std::move(seen));
  }
  changed_.notify_all();
}

bool TestEngine::wait_for_ends() {
  std::unique_lock lock(mutex_);
  while (ended_ < accepted_) {
    const std::uint64_t seen = events_;
    const bool goes_on = changed_.wait_for(lock, subject_.patience,
                                           [&] { return ended_ >= accepted_ || events_ != seen; });
    if (!goes_on) return false;
  }
  return true;
}

bool TestEngine::have_ended() const {
  const std::lock_guard lock(mutex_);
  return ended_ >= accepted_;
}

void TestEngine::must_end() {
  if (wait_for_ends()) return;
  throw CaseEnd{skip("not every request ended in time, which events/one-terminal is about")};
}

bool TestEngine::wait_for_events(std::uint64_t id, std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, subject_.patience, [&] { return seen_[id].size() >= count; });
}

std::vector<SeenEvent> TestEngine::events_of(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = seen_.find(id);
  return found == seen_.end() ? std::vector<SeenEvent>() : found->second;
}

Finish TestEngine::finish_of(std::uint64_t id) const {
  for (const SeenEvent& seen : events_of(id)) {
    if (seen.event.kind != EventKind::tokens) return seen.event.finish;
  }
  return Finish::none;
}

std::vector<std::int32_t> TestEngine::tokens_of(std::uint64_t id) const {
  std::vector<std::int32_t> tokens;
  for (const SeenEvent& seen : events_of(id)) {
    tokens.insert(tokens.end(), seen.tokens.begin(), seen.tokens.end());
  }
  return tokens;
}

std::uint64_t TestEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::uint64_t TestEngine::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::map<std::string, double> TestEngine::counters() {
  class Collector final : public IMetricSink {
   public:
    virtual ~Collector() = default;
    void on_metric(StrView name, StrView, MetricKind kind, double value) noexcept override {
      if (kind == MetricKind::counter) counters[std::string(plugin::text_of(name))] = value;
    }
    std::map<std::string, double> counters;
  } collector;
  engine_->stats(&collector);
  return collector.counters;
}

Finding TestEngine::about(plugin::ContractRule rule, const std::string& all_is_well) const {
  const auto seen = violations_->first(rule);
  return seen ? fail(*seen) : pass(all_is_well);
}

}  // namespace lmbench::conformance
