// Whole generations with the kernels of every instruction set that this machine has.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "loaded_engine.hpp"
#include "temporary_folder.hpp"
#include "turbomind/cpu/kernels/isa.hpp"

using namespace turbomind;
using namespace turbomind::test;
using lmbench::Code;
using lmbench::test::TemporaryFolder;

namespace {

constexpr const char* kVariable = "LMBENCH_TURBOMIND_ISA";

// The variable as it was, when the test ends.
class IsaVariable {
 public:
  explicit IsaVariable(const std::string& value) {
    if (const char* before = ::getenv(kVariable)) before_ = before;
    ::setenv(kVariable, value.c_str(), 1);
  }
  IsaVariable(const IsaVariable&) = delete;
  IsaVariable& operator=(const IsaVariable&) = delete;
  ~IsaVariable() {
    if (before_.empty()) {
      ::unsetenv(kVariable);
    } else {
      ::setenv(kVariable, before_.c_str(), 1);
    }
  }
 private:
  std::string before_;
};

SmallModel model_of(SmallType type) {
  SmallModel model;
  model.type = type;
  model.head_size = 16;
  model.inter_size = 80;
  model.has_qkv_bias = true;
  return model;
}

// More prompt tokens at once than the kernels for few rows take.
std::vector<Job> jobs_for(const SmallModel& model) {
  return {{random_prompt(1, model.vocab_size, 1), 12},
          {random_prompt(70, model.vocab_size, 2), 12},
          {random_prompt(20, model.vocab_size, 3), 12}};
}

}  // namespace

TEST_CASE("every instruction set of this machine generates what double precision does") {
  for (const SmallType type : {SmallType::fp32, SmallType::fp16, SmallType::bf16}) {
    const SmallModel model = model_of(type);
    const TemporaryFolder folder;
    lmbench::test::write_small_model(model, folder.path());
    const ReferenceLlama reference(model);
    const std::vector<Job> jobs = jobs_for(model);
    for (const Isa isa : supported_isas()) {
      const std::string name(name_of(isa));
      CAPTURE(name);
      LoadedEngine engine(options_for(folder.path()).text("isa", name));
      const std::vector<Tokens> tokens = engine.generate(jobs);
      const Agreement agreement = compare(reference, jobs, tokens, tolerance_of(type));
      CHECK_MESSAGE(agreement.wrong == 0, agreement.first_wrong);
      // The variable chooses the same kernels as the option.
      const IsaVariable variable(name);
      LoadedEngine chosen(options_for(folder.path()));
      CHECK(chosen.generate(jobs) == tokens);
    }
  }
}

TEST_CASE("an instruction set that does not exist is refused by its name") {
  const SmallModel model;
  const TemporaryFolder folder;
  lmbench::test::write_small_model(model, folder.path());
  const LoadOutcome by_option = outcome_of_load(options_for(folder.path()).text("isa", "mmx"));
  CHECK_MESSAGE(by_option.is(Code::invalid_argument, "mmx"), by_option.text);
  const IsaVariable variable("sse9");
  const LoadOutcome by_variable = outcome_of_load(options_for(folder.path()));
  CHECK_MESSAGE(by_variable.is(Code::invalid_argument, "sse9"), by_variable.text);
}
