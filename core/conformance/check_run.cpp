// SPDX-License-Identifier: Apache-2.0
#include "conformance/check_run.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>

#include "clock.hpp"
#include "error.hpp"
#include "process/child_answer.hpp"
#include "process/message_channel.hpp"

namespace lmbench::conformance {
namespace {

using nlohmann::json;

// A case waits for a few things, one after the other, or loads the engine twenty times.
std::chrono::seconds limit_of(const Subject& subject) { return 20 * subject.patience; }

constexpr const char* kLoadingCase = "binary/binds-now";

std::vector<CheckCase> chosen_cases(const std::string& only) {
  std::vector<CheckCase> cases = check_cases();
  if (only.empty()) return cases;
  try {
    const std::regex expression(only);
    std::erase_if(cases,
                  [&](const CheckCase& c) { return !std::regex_search(c.name, expression); });
  } catch (const std::regex_error&) {
    throw Error("--only '" + only + "' is no regular expression");
  }
  if (cases.empty()) throw Error("--only '" + only + "' fits no case; --list shows them");
  return cases;
}

Finding finding_in(const std::string& message) {
  const json read = json::parse(message);
  const auto number = read.at("verdict").get<std::uint32_t>();
  if (number > static_cast<std::uint32_t>(Verdict::skip)) return fail("an unknown verdict came");
  return {static_cast<Verdict>(number), read.at("sentence")};
}

Finding run_in_child(const CheckCase& check_case, const CheckOrder& order) {
  std::vector<std::string> words = {"check-case",
                                    order.subject.plugin.string(),
                                    check_case.name,
                                    "--seed",
                                    std::to_string(order.subject.seed),
                                    "--patience",
                                    std::to_string(order.subject.patience.count())};
  if (!order.config_file.empty()) {
    words.emplace_back("--config");
    words.push_back(order.config_file);
  }
  const std::chrono::seconds limit = limit_of(order.subject);
  const process::ChildAnswer answer = process::ask_child(words, limit);
  if (answer.is_hanging) {
    return fail("the process hung: it did not end within " + std::to_string(limit.count()) + " s");
  }
  if (answer.message && answer.state.is_clean()) return finding_in(*answer.message);
  return fail("the process ended with " + answer.failure());
}

}  // namespace

std::vector<CheckedCase> check_plugin(const CheckOrder& order,
                                      const std::function<void(const CheckedCase&)>& on_case) {
  std::vector<CheckedCase> done;
  bool can_load = true;
  for (const CheckCase& check_case : chosen_cases(order.only)) {
    CheckedCase checked{check_case.name, check_case.description, {}, 0};
    const std::uint64_t begin_ns = monotonic_now_ns();
    if (!can_load) {
      checked.finding = skip(std::string("the plugin does not load, see ") + kLoadingCase);
    } else {
      checked.finding =
          order.in_process ? run_here(check_case, order.subject) : run_in_child(check_case, order);
    }
    checked.seconds = static_cast<double>(monotonic_now_ns() - begin_ns) * 1e-9;
    if (checked.name == kLoadingCase) can_load = checked.finding.verdict != Verdict::fail;
    on_case(checked);
    done.push_back(std::move(checked));
  }
  return done;
}

bool send_finding(const Subject& subject, const std::string& name, int fd) {
  const std::vector<CheckCase> cases = check_cases();
  const auto found =
      std::find_if(cases.begin(), cases.end(), [&](const CheckCase& c) { return c.name == name; });
  if (found == cases.end()) throw Error("there is no case '" + name + "'");
  const Finding finding = run_here(*found, subject);
  const json message = {{"verdict", static_cast<std::uint32_t>(finding.verdict)},
                        {"sentence", finding.sentence}};
  return process::MessageChannel(fd).send(
      message.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace lmbench::conformance
