// Algorithms of the large products that a file keeps from engine to engine.
// SPDX-License-Identifier: Apache-2.0
#include "turbomind/cuda/tuning_cache.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "wide_folder.hpp"

using namespace turbomind;
using namespace turbomind::test;
using cuda::ProductAlgorithm;
using cuda::TunedShape;
using cuda::TuningCache;
using lmbench::Code;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::trunc) << text;
}

// A model, and a file in a folder of its own.
struct Tuned {
  Options options(std::uint32_t ranks = 1) const {
    return wide.options().text("cuda_tuning_cache", file.string()).integer("tp", ranks);
  }

  // The tokens of a new engine on new GPUs for prompts of these lengths.
  std::vector<Tokens> generate(const std::vector<std::uint32_t>& lengths,
                               std::uint32_t ranks = 1) const {
    LoadedEngine gpu(make_engine, options(ranks));
    std::vector<Tokens> tokens;
    for (const std::uint32_t length : lengths) tokens.push_back(gpu.generate(wide.job(length)));
    return tokens;
  }

  cuda::TuningEntries entries() const { return cuda::parse_tuning(text_of(file), "the file"); }

  WideFolder wide;
  TemporaryFolder folder;
  fs::path file = folder.path() / "kept" / "tuning.json";
  bool has_folder = fs::create_directory(folder.path() / "kept");
};

TunedShape shape_of_rows(std::uint32_t last_row_count) {
  return {{cuda::ProductKind::store, 64, 64, false}, last_row_count - 127, last_row_count};
}

bool can_run(const ProductAlgorithm& algorithm) { return algorithm.data[0] != 0; }

}  // namespace

TEST_CASE("a second engine with the same tuning cache times nothing") {
  const Tuned tuned;
  std::vector<Tokens> first;
  {
    const FakeMachine machine;
    first = tuned.generate({70, 130});
    CHECK(timed_products() > 0);
  }
  const std::string text = text_of(tuned.file);
  const FakeMachine machine;
  CHECK(tuned.generate({70, 130}) == first);
  CHECK(timed_products() == 0);
  CHECK(text_of(tuned.file) == text);
}

TEST_CASE("what the tuning cache lacks is timed and added") {
  const Tuned tuned;
  {
    const FakeMachine machine;
    tuned.generate({70});
  }
  const std::size_t of_one = tuned.entries().size();
  const FakeMachine machine;
  tuned.generate({130});
  CHECK(timed_products() > 0);
  CHECK(tuned.entries().size() > of_one);
}

TEST_CASE("ranks share a tuning cache, also where their products differ by a bias") {
  const Tuned tuned;
  std::vector<Tokens> first;
  {
    const FakeMachine machine;
    first = tuned.generate({70}, 2);
  }
  bool has_bias = false;
  bool has_none = false;
  for (const auto& [key, algorithm] : tuned.entries()) {
    if (key.shape.product.kind != cuda::ProductKind::add) continue;
    (key.shape.product.has_bias ? has_bias : has_none) = true;
  }
  CHECK(has_bias);
  CHECK(has_none);
  const FakeMachine machine;
  CHECK(tuned.generate({70}, 2) == first);
  CHECK(timed_products() == 0);
}

TEST_CASE("algorithms of another version of cuBLASLt are kept and not used") {
  const Tuned tuned;
  {
    const FakeMachine machine;
    tuned.generate({70});
  }
  const cuda::TuningEntries before = tuned.entries();
  const FakeMachine machine;
  FakeCublasLt::set_version(140000);
  tuned.generate({70});
  CHECK(timed_products() == static_cast<int>(before.size()));
  const cuda::TuningEntries after = tuned.entries();
  CHECK(after.size() == 2 * before.size());
  for (const auto& [key, algorithm] : before) CHECK(after.contains(key));
}

TEST_CASE("an algorithm that cuBLASLt refuses here is replaced") {
  const Tuned tuned;
  std::vector<Tokens> first;
  {
    const FakeMachine machine;
    first = tuned.generate({70});
  }
  cuda::TuningEntries spoiled = tuned.entries();
  const std::string text = cuda::print_tuning(spoiled);
  for (auto& [key, algorithm] : spoiled) algorithm.data[0] = 99;
  write_text(tuned.file, cuda::print_tuning(spoiled));
  const FakeMachine machine;
  CHECK(tuned.generate({70}) == first);
  CHECK(text_of(tuned.file) == text);
}

TEST_CASE("a damaged tuning cache is refused and left as it is") {
  const Tuned tuned;
  write_text(tuned.file, "{\"form\": \"turbomind.cuda_tu");
  const FakeMachine machine;
  CHECK(outcome_of_gpu_load(tuned.options())
            .is(Code::invalid_argument, tuned.file.string() + " is not a tuning cache"));
  CHECK(text_of(tuned.file) == "{\"form\": \"turbomind.cuda_tu");
}

TEST_CASE("a tuning cache that cannot be made is refused before a weight is read") {
  const Tuned tuned;
  fs::remove(tuned.file.parent_path());
  const FakeMachine machine;
  const LoadOutcome outcome = outcome_of_gpu_load(tuned.options());
  CHECK(outcome.is(Code::invalid_argument,
                   " cannot be written: No such file or directory; engine option "
                   "cuda_tuning_cache names a file in a folder that exists"));
  CHECK(FakeGpu::calls("cudaMalloc") == 0);
}

TEST_CASE("a tuning cache that can no longer be written costs no token, and is written later") {
  const Tuned tuned;
  std::vector<Tokens> expected;
  {
    const FakeMachine machine;
    expected = tuned.generate({70, 130});
  }
  fs::remove(tuned.file);
  {
    const FakeMachine machine;
    LoadedEngine gpu(make_engine, tuned.options());
    fs::remove_all(tuned.file.parent_path());
    CHECK(gpu.generate(tuned.wide.job(70)) == expected[0]);
    CHECK(gpu.statistic("products_tuned") > 0);
    CHECK(gpu.statistic("products_unsaved") == gpu.statistic("products_tuned"));
    fs::create_directory(tuned.file.parent_path());
    CHECK(gpu.generate(tuned.wide.job(130)) == expected[1]);
    CHECK(gpu.statistic("products_unsaved") == 0);
  }
  const FakeMachine machine;
  CHECK(tuned.generate({70, 130}) == expected);
  CHECK(timed_products() == 0);
}

TEST_CASE("the choice that reached the tuning cache first stands") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "tuning.json";
  const cuda::TuningDomain domain{"some GPU", 1, DataType::fp16};
  TuningCache one(file, domain);
  TuningCache two(file, domain);
  CHECK(one.keep(shape_of_rows(128), {{1}}, can_run).data[0] == 1);
  CHECK(two.keep(shape_of_rows(128), {{2}}, can_run).data[0] == 1);
  CHECK(two.find(shape_of_rows(128)) == nullptr);  // as the file was when it was read
  const TuningCache three(file, domain);
  REQUIRE(three.find(shape_of_rows(128)) != nullptr);
  CHECK(three.find(shape_of_rows(128))->data[0] == 1);
  const TuningCache other(file, {"another GPU", 1, DataType::fp16});
  CHECK(other.find(shape_of_rows(128)) == nullptr);
  const TuningCache wider(file, {"some GPU", 1, DataType::bf16});
  CHECK(wider.find(shape_of_rows(128)) == nullptr);
}

TEST_CASE("a tuning cache that was damaged since it was read is left as it is") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "tuning.json";
  TuningCache cache(file, {"some GPU", 1, DataType::fp16});
  write_text(file, "no longer");
  CHECK(cache.keep(shape_of_rows(128), {{1}}, can_run).data[0] == 1);
  CHECK(cache.unsaved_choices() == 1);
  CHECK(text_of(file) == "no longer");
  fs::remove(file);
  cache.keep(shape_of_rows(256), {{1}}, can_run);
  CHECK(cache.unsaved_choices() == 0);
  CHECK(cuda::parse_tuning(text_of(file), "the file").size() == 2);
}

TEST_CASE("a tuning cache behind a link is written where the link leads") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "tuning.json";
  const fs::path link = folder.path() / "link.json";
  const cuda::TuningDomain domain{"some GPU", 1, DataType::fp16};
  { const TuningCache made(file, domain); }
  fs::create_symlink(file, link);
  TuningCache(link, domain).keep(shape_of_rows(128), {{1}}, can_run);
  CHECK(fs::is_symlink(link));
  CHECK(cuda::parse_tuning(text_of(file), "the file").size() == 1);
}

TEST_CASE("many that write one tuning cache at once lose nothing and agree") {
  constexpr std::uint32_t kWriters = 8;
  constexpr std::uint32_t kShapes = 12;
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "tuning.json";
  const cuda::TuningDomain domain{"some GPU", 1, DataType::fp16};
  std::vector<std::vector<std::uint64_t>> chosen(kWriters);
  std::vector<std::thread> writers;
  for (std::uint32_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      TuningCache cache(file, domain);
      for (std::uint32_t i = 1; i <= kShapes; ++i) {
        chosen[writer].push_back(
            cache.keep(shape_of_rows(i * 128), {{writer + 1}}, can_run).data[0]);
      }
      cache.keep(shape_of_rows((kShapes + 1 + writer) * 128), {{writer + 1}}, can_run);
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const auto& choices : chosen) CHECK(choices == chosen[0]);
  CHECK(cuda::parse_tuning(text_of(file), "the file").size() == kShapes + kWriters);
}
