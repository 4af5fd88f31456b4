// Where a generation ends: exact lengths, EOS, stop tokens, and the limit of a session.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;
using lmbench::Finish;
using lmbench::test::TemporaryFolder;

namespace {

constexpr std::uint32_t kLength = 40;

// A model, a prompt, and what it goes on with when nothing ends it.
struct Fixture {
  Fixture() {
    lmbench::test::write_small_model(model, folder.path());
    LoadedEngine engine(options());
    tokens = engine.generate(job);
    REQUIRE(tokens.size() == kLength);
  }
  Options options() const { return options_for(folder.path()); }

  // The first place of a token that is new there, not before `least`.
  std::size_t place_of_new_token(std::size_t least) const {
    std::size_t place = least;
    while (std::find(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(place),
                     tokens.at(place)) != tokens.begin() + static_cast<std::ptrdiff_t>(place)) {
      ++place;
    }
    return place;
  }
  Tokens beginning(std::size_t count) const {
    return {tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count)};
  }

  SmallModel model;
  TemporaryFolder folder;
  Job job{random_prompt(12, model.vocab_size, 3), kLength};
  Tokens tokens;
};

}  // namespace

TEST_CASE("a request has exactly the tokens it asks for, from one token on") {
  const Fixture fixture;
  LoadedEngine engine(fixture.options());
  std::vector<Job> jobs;
  for (std::uint32_t length = 1; length <= 9; ++length) {
    jobs.push_back(fixture.job);
    jobs.back().new_tokens = length;
  }
  const std::vector<RequestLog> logs = engine.run(jobs);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    CHECK(logs[i].tokens == fixture.beginning(i + 1));
    CHECK(logs[i].finish == Finish::length);
  }
}

TEST_CASE("a stop token is delivered and ends the request, alone or with company") {
  const Fixture fixture;
  LoadedEngine engine(fixture.options());
  std::vector<Job> jobs(5, fixture.job);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    places.push_back(fixture.place_of_new_token(2 * i));
    jobs[i].stop_tokens = {0, fixture.tokens[places[i]]};
    if (fixture.tokens[places[i]] == 0) jobs[i].stop_tokens.pop_back();
  }
  const std::vector<RequestLog> logs = engine.run(jobs);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CAPTURE(places[i]);
    const bool has_zero = jobs[i].stop_tokens.front() == 0;
    const Tokens wanted = fixture.beginning(places[i] + 1);
    REQUIRE((!has_zero || std::count(wanted.begin(), wanted.end(), 0) == 0));
    CHECK(logs[i].tokens == wanted);
    CHECK(logs[i].finish == Finish::stop);
  }
}

TEST_CASE("min_new_tokens holds a stop token back, and what stops at the limit has stopped") {
  const Fixture fixture;
  LoadedEngine engine(fixture.options());
  const std::size_t place = fixture.place_of_new_token(5);
  Job job = fixture.job;
  job.stop_tokens = {fixture.tokens[place]};
  job.min_new_tokens = static_cast<std::uint32_t>(place) + 2;
  const RequestLog held = engine.run({job}).front();
  CHECK(held.tokens.size() > place + 1);
  CHECK(held.tokens == fixture.beginning(held.tokens.size()));
  job.min_new_tokens = static_cast<std::uint32_t>(place) + 1;
  CHECK(engine.run({job}).front().tokens.size() == place + 1);
  job.new_tokens = static_cast<std::uint32_t>(place) + 1;
  CHECK(engine.run({job}).front().finish == Finish::stop);
}

TEST_CASE("EOS ends a request, and is an ordinary token to one that ignores it") {
  const Fixture fixture;
  const std::size_t place = fixture.place_of_new_token(7);
  LoadedEngine engine(fixture.options().integer("end_id", fixture.tokens[place]));
  CHECK(engine.generate(fixture.job) == fixture.tokens);
  Job job = fixture.job;
  job.ignores_eos = false;
  const RequestLog log = engine.run({job}).front();
  CHECK(log.finish == Finish::stop);
  CHECK(log.tokens == fixture.beginning(place + 1));
  LoadedEngine without(fixture.options().integer("end_id", -1));
  CHECK(without.generate(job) == fixture.tokens);
}

TEST_CASE("a request may fill its session, and not one token more") {
  const Fixture fixture;
  const auto exact = static_cast<std::int64_t>(fixture.job.prompt.size() + kLength);
  LoadedEngine engine(fixture.options().integer("session_len", exact));
  CHECK(engine.generate(fixture.job) == fixture.tokens);
  Job job = fixture.job;
  ++job.new_tokens;
  const LoadOutcome refused = engine.submit(job);
  CHECK_MESSAGE(refused.is(Code::invalid_argument, "session_len"), refused.text);
  // The hint of the runner does not override what the options say.
  LoadedEngine hinted(fixture.options()
                          .integer("session_len", exact)
                          .integer("lmbench.max_sequence_tokens", exact + 1));
  CHECK(hinted.submit(job).code == Code::invalid_argument);
}

TEST_CASE("without the option a session grows to the plan's longest sequence, beyond the trained") {
  SmallModel model;
  model.max_position_embeddings = 64;
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  LoadedEngine engine(options_for(folder.path()).integer("lmbench.max_sequence_tokens", 100));
  CHECK(engine.host().count_warnings("session_len is raised from 64 to 100") == 1);
  const Job job{random_prompt(50, model.vocab_size, 1), 50};
  const Tokens tokens = engine.generate(job);
  const ReferenceLlama reference(model);
  const Agreement agreement = compare(reference, job, tokens, tolerance_of(model.type));
  CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
  CHECK(agreement.steps == 50);
}
