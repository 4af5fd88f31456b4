// SPDX-License-Identifier: Apache-2.0
#include "turbomind/config.hpp"

#include <doctest/doctest.h>

#include "engine_fixture.hpp"

using namespace turbomind;
using lmbench::Code;

namespace {

Code code_of(const Options& options, const std::string& word) {
  try {
    read_options(options.view());
    return Code::ok;
  } catch (const lmbench::sdk::Error& e) {
    CAPTURE(e.what());
    CHECK(std::string(e.what()).find(word) != std::string::npos);
    return e.code();
  }
}

}  // namespace

TEST_CASE("options that are not given have their documented values") {
  const EngineOptions options = read_options(Options().text("model", "/m").view());
  CHECK(options.model == "/m");
  CHECK(options.weights == WeightOrigin::automatic);
  CHECK_FALSE(options.dtype.has_value());
  CHECK(options.device == Device::automatic);
  CHECK(options.tp == 1);
  CHECK(options.threads == 0);
  CHECK(options.isa == "auto");
  CHECK(options.cuda_tuning_cache.empty());
  CHECK(options.capacity.session_len == 0);
  CHECK_FALSE(options.shares_free_memory);
  CHECK(options.end_id == -2);
}

TEST_CASE("options and hints are read") {
  const EngineOptions options = read_options(Options()
                                                 .text("model", "/m")
                                                 .text("weights", "dummy")
                                                 .text("dtype", "bf16")
                                                 .text("device", "cpu")
                                                 .text("cache_share_of", "free")
                                                 .text("verify", "finite")
                                                 .integer("tp", 3)
                                                 .integer("session_len", 4096)
                                                 .real("cache_max_entry_count", 0.25)
                                                 .integer("end_id", -1)
                                                 .integer("lmbench.max_requests", 64)
                                                 .integer("lmbench.max_sequence_tokens", 300)
                                                 .integer("lmbench.something_new", 1)
                                                 .view());
  CHECK(options.weights == WeightOrigin::dummy);
  CHECK(options.dtype == DataType::bf16);
  CHECK(options.device == Device::cpu);
  CHECK(options.shares_free_memory);
  CHECK(options.verifies_finite);
  CHECK(options.tp == 3);
  CHECK(options.capacity.session_len == 4096);
  CHECK(options.capacity.cache_max_entry_count == doctest::Approx(0.25));
  CHECK(options.end_id == -1);
  CHECK(options.hints.max_requests == 64);
  CHECK(options.hints.max_sequence_tokens == 300);
}

TEST_CASE("wrong options are refused with their name") {
  const auto with = [](auto change) {
    Options options;
    options.text("model", "/m");
    change(options);
    return options;
  };
  const Code invalid = Code::invalid_argument;
  CHECK(code_of(Options(), "'model'") == invalid);
  CHECK(code_of(with([](Options& o) { o.integer("step_tokes", 1); }), "'step_tokes'") == invalid);
  CHECK(code_of(with([](Options& o) { o.integer("tp", 0); }), "'tp'") == invalid);
  CHECK(code_of(with([](Options& o) { o.text("tp", "2"); }), "'tp'") == invalid);
  CHECK(code_of(with([](Options& o) { o.integer("session_len", -1); }), "'session_len'") ==
        invalid);
  CHECK(code_of(with([](Options& o) { o.integer("max_batch_size", std::int64_t{1} << 40); }),
                "'max_batch_size'") == invalid);
  CHECK(code_of(with([](Options& o) { o.text("dtype", "int4"); }), "'dtype'") == invalid);
  CHECK(code_of(with([](Options& o) { o.real("cache_max_entry_count", -0.5); }),
                "'cache_max_entry_count'") == invalid);
  CHECK(code_of(with([](Options& o) { o.text("device", "gpu"); }), "'device'") == invalid);
  CHECK(code_of(with([](Options& o) { o.integer("quant_policy", 4); }), "'quant_policy'") ==
        Code::unsupported);
}
