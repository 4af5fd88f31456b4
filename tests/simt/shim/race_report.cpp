// SPDX-License-Identifier: Apache-2.0
#include "race_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "race_hooks.hpp"

extern "C" const char __executable_start;

namespace simt {
namespace {

constexpr std::size_t kMostReports = 20;  // of one launch; what follows is seldom another mistake
constexpr int kMostFrames = 3;

std::vector<RaceReport> found;
std::set<std::tuple<std::string, CodePlace, CodePlace>> known;

// "vector8.hpp:21 < norm.cu:40": the inlined functions around a place, innermost first.
std::string lines_of(CodePlace place) {
  std::array<char, 128> command;
  std::snprintf(command.data(), command.size(), "addr2line -s -i -e /proc/%d/exe 0x%x 2>/dev/null",
                getpid(), place - 1);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.data(), "r"), pclose);
  std::string lines;
  int frames = 0;
  std::array<char, 512> buffer;
  while (pipe != nullptr && frames < kMostFrames &&
         std::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) {
    std::string line(buffer.data());
    line.resize(std::min(line.size(), line.find_first_of("\n (")));
    if (lines.find(line) != std::string::npos) continue;
    lines += (lines.empty() ? "" : " < ") + line;
    ++frames;
  }
  return lines.empty() ? "?" : lines;
}

}  // namespace

CodePlace place_of(const void* return_address) {
  return static_cast<CodePlace>(static_cast<const char*>(return_address) - &__executable_start);
}

void report_race(const RaceReport& report) {
  if (found.size() >= kMostReports) return;
  if (known.insert({report.what, report.place, report.other_place}).second) {
    found.push_back(report);
  }
}

std::vector<std::string> take_race_reports() {
  std::vector<std::string> texts;
  for (const RaceReport& report : found) {
    std::string text = std::string(report.what) + ", " + report.memory + " memory + " +
                       std::to_string(report.offset) + ", block " + std::to_string(report.block) +
                       ": thread " + std::to_string(report.thread) + " at " +
                       lines_of(report.place);
    if (report.other_place != 0) {
      text +=
          ", thread " + std::to_string(report.other_thread) + " at " + lines_of(report.other_place);
    }
    texts.push_back(text);
  }
  found.clear();
  known.clear();
  return texts;
}

}  // namespace simt
