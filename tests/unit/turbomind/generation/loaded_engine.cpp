// SPDX-License-Identifier: Apache-2.0
#include "loaded_engine.hpp"

#include <doctest/doctest.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "turbomind/backend.hpp"

namespace turbomind::test {

using lmbench::Code;
using lmbench::EventKind;

std::uint64_t ClockHost::now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void ClockHost::log(lmbench::LogLevel level, lmbench::StrView message) noexcept {
  if (level != lmbench::LogLevel::warning) return;
  const std::lock_guard lock(mutex_);
  warnings_.emplace_back(lmbench::sdk::view(message));
}

int ClockHost::count_warnings(const std::string& text) {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(
      std::count_if(warnings_.begin(), warnings_.end(),
                    [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

LoadedEngine::LoadedEngine(const Options& options)
    : LoadedEngine(
          [](lmbench::IHost& host) { return new Engine(&host, always(make_cpu_backend())); },
          options) {}

LoadedEngine::LoadedEngine(const Create& create, const Options& options) : engine_(create(host_)) {
  REQUIRE(engine_ != nullptr);
  TestError error;
  const Code code = engine_->load(options.view(), &sink_, error.get());
  REQUIRE_MESSAGE(code == Code::ok, error.text());
}

lmbench::Request LoadedEngine::request_of(std::uint64_t id, const Job& job) const {
  lmbench::Request request = make_request(id, job.prompt, job.new_tokens);
  if (!job.ignores_eos) request.flags = 0;
  const bool may_stop = !job.stop_tokens.empty() || !job.ignores_eos;
  request.min_new_tokens = may_stop ? job.min_new_tokens : job.new_tokens;
  request.stop_tokens = {job.stop_tokens.data(), job.stop_tokens.size()};
  request.temperature = static_cast<float>(job.sampling.temperature);
  request.top_k = job.sampling.top_k;
  request.top_p = static_cast<float>(job.sampling.top_p);
  request.seed = job.sampling.seed;
  return request;
}

std::vector<RequestLog> LoadedEngine::collect(std::uint64_t first_id, std::size_t count) {
  const auto all = sink_.wait_for(last_id_);
  std::vector<RequestLog> logs;
  for (std::size_t i = 0; i < count; ++i) {
    const RequestLog& log = logs.emplace_back(all.at(first_id + i));
    REQUIRE(log.terminals == 1);
    REQUIRE(!log.is_broken);
    REQUIRE(log.kind == EventKind::finished);
  }
  return logs;
}

std::vector<RequestLog> LoadedEngine::run(const std::vector<Job>& jobs) {
  const std::uint64_t first_id = last_id_ + 1;
  std::vector<lmbench::Request> requests;
  for (const Job& job : jobs) requests.push_back(request_of(++last_id_, job));
  std::uint32_t accepted = 0;
  TestError error;
  const Code code = engine_->submit(requests.data(), static_cast<std::uint32_t>(requests.size()),
                                    &accepted, error.get());
  REQUIRE_MESSAGE(code == Code::ok, error.text());
  REQUIRE(accepted == requests.size());
  return collect(first_id, jobs.size());
}

std::vector<Tokens> LoadedEngine::generate(const std::vector<Job>& jobs) {
  std::vector<Tokens> tokens;
  for (RequestLog& log : run(jobs)) tokens.push_back(std::move(log.tokens));
  return tokens;
}

std::vector<Tokens> LoadedEngine::generate_staggered(const std::vector<Job>& jobs) {
  const std::uint64_t first_id = last_id_ + 1;
  for (const Job& job : jobs) {
    const LoadOutcome outcome = submit(job);
    REQUIRE_MESSAGE(outcome.code == Code::ok, outcome.text);
  }
  std::vector<Tokens> tokens;
  for (RequestLog& log : collect(first_id, jobs.size())) tokens.push_back(std::move(log.tokens));
  return tokens;
}

LoadOutcome LoadedEngine::submit(const Job& job) {
  const lmbench::Request request = request_of(last_id_ + 1, job);
  std::uint32_t accepted = 0;
  TestError error;
  const Code code = engine_->submit(&request, 1, &accepted, error.get());
  last_id_ += accepted;
  return {code, error.text()};
}

double LoadedEngine::statistic(const std::string& name) {
  struct Finder final : lmbench::IMetricSink {
    explicit Finder(const std::string& of) : wanted(of) {}
    void on_metric(lmbench::StrView metric, lmbench::StrView, lmbench::MetricKind,
                   double v) noexcept override {
      if (lmbench::sdk::view(metric) == wanted) value = v;
    }
    const std::string& wanted;
    double value = -1;
  };
  Finder finder(name);
  engine_->stats(&finder);
  REQUIRE(finder.value >= 0);
  return finder.value;
}

void LoadedEngine::reset() {
  TestError error;
  const Code code = engine_->reset(error.get());
  REQUIRE_MESSAGE(code == Code::ok, error.text());
}

std::string failure_of(Engine& engine, TestSink& sink, const lmbench::Request& request) {
  const RequestLog log = sink.wait_for(1).begin()->second;
  CHECK(log.terminals == 1);
  CHECK(log.kind == EventKind::failed);
  CHECK(log.error == Code::device_error);
  TestError error;
  std::uint32_t accepted = 0;
  CHECK(engine.submit(&request, 1, &accepted, error.get()) == Code::failed_precondition);
  return error.text();
}

LoadOutcome outcome_of_load(const Options& options) {
  ClockHost host;
  TestSink sink;
  const EnginePtr engine(new Engine(&host, always(make_cpu_backend())));
  TestError error;
  const Code code = engine->load(options.view(), &sink, error.get());
  return {code, error.text()};
}

Options options_for(const std::filesystem::path& model) {
  Options options;
  options.text("model", model.string()).integer("threads", 2);
  return options;
}

Tokens random_prompt(std::uint32_t length, std::uint32_t vocab_size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Tokens tokens;
  while (tokens.size() < length) {
    tokens.push_back(static_cast<std::int32_t>(3 + random() % (vocab_size - 3)));
  }
  return tokens;
}

// fp16 and bf16 as turbomind's table of tolerances has them for the logits after 32 layers; the
// models here have two or three. fp32 has 2^13 times the precision of fp16.
double tolerance_of(SmallType type) {
  switch (type) {
    case SmallType::fp16:
      return 5e-3;
    case SmallType::bf16:
      return 2e-2;
    case SmallType::fp32:
      break;
  }
  return 5e-6;
}

namespace {

double root_mean_square(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

void Agreement::add(const Agreement& other) {
  steps += other.steps;
  clear += other.clear;
  wrong += other.wrong;
  if (first_wrong.empty()) first_wrong = other.first_wrong;
}

Agreement compare(const ReferenceLlama& reference, const Job& job, const Tokens& tokens,
                  double tolerance) {
  Agreement agreement;
  lmbench::test::ReferenceSequence sequence(reference);
  std::vector<double> logits = sequence.append(job.prompt);
  const bool is_greedy = job.sampling.temperature == 0 || job.sampling.top_k == 1;
  for (const std::int32_t token : tokens) {
    const lmbench::test::Choice choice =
        lmbench::test::choose(logits, job.sampling, sequence.length());
    const double allowed = tolerance * root_mean_square(logits);
    const bool is_clear =
        lmbench::test::is_clear(logits, job.sampling, sequence.length(), allowed / 2);
    const double behind =
        logits[static_cast<std::size_t>(choice.token)] - logits.at(static_cast<std::size_t>(token));
    ++agreement.steps;
    if (is_clear) ++agreement.clear;
    // Where it is not clear, greedy must still choose one of those that are nearly the largest.
    if (is_clear ? token != choice.token : is_greedy && behind > allowed) {
      ++agreement.wrong;
      if (agreement.first_wrong.empty()) {
        agreement.first_wrong = "step " + std::to_string(agreement.steps) + " after " +
                                std::to_string(job.prompt.size()) + " prompt tokens: token " +
                                std::to_string(token) + ", reference " +
                                std::to_string(choice.token) + " with a lead of " +
                                std::to_string(choice.lead);
      }
    }
    logits = sequence.append(token);
  }
  return agreement;
}

Agreement compare(const ReferenceLlama& reference, const std::vector<Job>& jobs,
                  const std::vector<Tokens>& tokens, double tolerance) {
  Agreement sum;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    sum.add(compare(reference, jobs[i], tokens.at(i), tolerance));
  }
  return sum;
}

}  // namespace turbomind::test
