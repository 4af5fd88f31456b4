// What is to be thought of a phase of a case that has run: one status, one sentence or reason code, and flags.
// Looks at what was recorded; asks the engine nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/driver.hpp"
#include "run/event_recorder.hpp"
#include "run/outcome.hpp"
#include "stats/case_record.hpp"

namespace lmbench::run {

struct Judgement {
  Outcome outcome;
  std::vector<std::string> flags;
  bool is_engine_broken = false;  // nothing it does from now on can be trusted
};

// vocabulary_tokens: 0 when not known. recorder: after end_phase(), which filled the record. The
// phase's requests are the record's from first_slot on.
Judgement judge(const std::optional<Stop>& stop, const std::string& refusal_text,
                const EventRecorder& recorder, const stats::CaseRecord& record,
                std::size_t first_slot, std::uint32_t vocabulary_tokens);

// What a Code of the engine, with its sentence, means for the case or call it ended.
Judgement judge_failure(Code code, const std::string& sentence);

}  // namespace lmbench::run
