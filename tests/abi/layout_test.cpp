// Where every member and every virtual function is. A change here is a new major version, for
// plugins that were built before must keep finding what they knew.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <lmbench/engine_abi.hpp>
#include <lmbench/ext/convert.hpp>
#include <lmbench/ext/memory.hpp>
#include <lmbench/ext/model.hpp>
#include <lmbench/ext/progress.hpp>
#include <lmbench/ext/roofline.hpp>
#include <lmbench/ext/text.hpp>
#include <string>
#include <string_view>
#include <type_traits>

using namespace lmbench;

namespace {

// A pointer to a virtual member function holds its offset in the table: x86-64 plus one, aarch64 as
// it is, with the mark in the second word (Itanium C++ ABI, 2.3; its Arm variant).
template <class Function>
std::size_t slot_of(Function function) {
  static_assert(sizeof function == 2 * sizeof(std::ptrdiff_t));
  std::ptrdiff_t words[2];
  std::memcpy(words, &function, sizeof words);
#if defined(__aarch64__)
  CHECK(words[1] == 1);
  return static_cast<std::size_t>(words[0]) / sizeof(void*);
#else
  CHECK(words[0] % 8 == 1);
  CHECK(words[1] == 0);
  return static_cast<std::size_t>(words[0] - 1) / sizeof(void*);
#endif
}

template <class Enum>
constexpr std::int64_t number(Enum value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace

#define CHECK_MEMBER(type, member, offset, bytes) \
  CHECK(offsetof(type, member) == (offset));      \
  CHECK(sizeof(type::member) == (bytes))

TEST_CASE("views and texts are a pointer and a length") {
  CHECK_MEMBER(StrView, data, 0, 8);
  CHECK_MEMBER(StrView, size, 8, 8);
  CHECK(sizeof(StrView) == 16);
  CHECK_MEMBER(TokenView, data, 0, 8);
  CHECK_MEMBER(TokenView, size, 8, 8);
  CHECK(sizeof(TokenView) == 16);
  CHECK_MEMBER(ConfigView, data, 0, 8);
  CHECK_MEMBER(ConfigView, size, 8, 8);
  CHECK(sizeof(ConfigView) == 16);
  CHECK_MEMBER(ErrorText, data, 0, 8);
  CHECK_MEMBER(ErrorText, capacity, 8, 4);
  CHECK_MEMBER(ErrorText, size, 12, 4);
  CHECK(sizeof(ErrorText) == 16);
}

TEST_CASE("a ConfigEntry has 48 bytes") {
  CHECK_MEMBER(ConfigEntry, key, 0, 16);
  CHECK_MEMBER(ConfigEntry, type, 16, 4);
  CHECK_MEMBER(ConfigEntry, reserved, 20, 4);
  CHECK_MEMBER(ConfigEntry, number, 24, 8);
  CHECK_MEMBER(ConfigEntry, text, 32, 16);
  CHECK(sizeof(ConfigEntry) == 48);
}

TEST_CASE("a Request begins with the 96 bytes of version 1.0") {
  CHECK_MEMBER(Request, struct_size, 0, 4);
  CHECK_MEMBER(Request, flags, 4, 4);
  CHECK_MEMBER(Request, id, 8, 8);
  CHECK_MEMBER(Request, prompt, 16, 16);
  CHECK_MEMBER(Request, stop_tokens, 32, 16);
  CHECK_MEMBER(Request, min_new_tokens, 48, 4);
  CHECK_MEMBER(Request, max_new_tokens, 52, 4);
  CHECK_MEMBER(Request, temperature, 56, 4);
  CHECK_MEMBER(Request, top_p, 60, 4);
  CHECK_MEMBER(Request, top_k, 64, 4);
  CHECK_MEMBER(Request, reserved, 68, 4);
  CHECK_MEMBER(Request, seed, 72, 8);
  CHECK_MEMBER(Request, extra, 80, 16);
  CHECK(kRequestSize_1_0 == 96);
  CHECK(sizeof(Request) >= kRequestSize_1_0);
}

TEST_CASE("an Event has 64 bytes") {
  CHECK_MEMBER(Event, request, 0, 8);
  CHECK_MEMBER(Event, engine_ns, 8, 8);
  CHECK_MEMBER(Event, tokens, 16, 8);
  CHECK_MEMBER(Event, token_count, 24, 4);
  CHECK_MEMBER(Event, kind, 28, 4);
  CHECK_MEMBER(Event, finish, 32, 4);
  CHECK_MEMBER(Event, error, 36, 4);
  CHECK_MEMBER(Event, cached_prompt_tokens, 40, 4);
  CHECK_MEMBER(Event, reserved32, 44, 4);
  CHECK_MEMBER(Event, admitted_ns, 48, 8);
  CHECK_MEMBER(Event, reserved64, 56, 8);
  CHECK(sizeof(Event) == 64);
}

TEST_CASE("a PluginDescriptor begins with the 64 bytes of version 1.0") {
  CHECK_MEMBER(PluginDescriptor, magic, 0, 4);
  CHECK_MEMBER(PluginDescriptor, struct_size, 4, 4);
  CHECK_MEMBER(PluginDescriptor, abi_major, 8, 4);
  CHECK_MEMBER(PluginDescriptor, abi_minor, 12, 4);
  CHECK_MEMBER(PluginDescriptor, capabilities, 16, 8);
  CHECK_MEMBER(PluginDescriptor, engine_name, 24, 8);
  CHECK_MEMBER(PluginDescriptor, engine_version, 32, 8);
  CHECK_MEMBER(PluginDescriptor, source_revision, 40, 8);
  CHECK_MEMBER(PluginDescriptor, toolchain, 48, 8);
  CHECK_MEMBER(PluginDescriptor, create, 56, 8);
  CHECK(kDescriptorSize_1_0 == 64);
  CHECK(sizeof(PluginDescriptor) >= kDescriptorSize_1_0);
}

TEST_CASE("the structs of the extensions have their members in place") {
  CHECK_MEMBER(ModelInfo, parameters, 0, 8);
  CHECK_MEMBER(ModelInfo, kv_capacity_tokens, 8, 8);
  CHECK_MEMBER(ModelInfo, weight_bytes_per_step, 16, 8);
  CHECK_MEMBER(ModelInfo, kv_bytes_per_token, 24, 8);
  CHECK_MEMBER(ModelInfo, read_bytes_per_s, 32, 8);
  CHECK_MEMBER(ModelInfo, vocabulary, 40, 4);
  CHECK_MEMBER(ModelInfo, max_sequence_tokens, 44, 4);
  CHECK_MEMBER(ModelInfo, max_requests, 48, 4);
  CHECK_MEMBER(ModelInfo, kv_block_tokens, 52, 4);
  CHECK_MEMBER(ModelInfo, special_tokens, 56, 16);
  CHECK(sizeof(ModelInfo) == 72);
  CHECK_MEMBER(StepWork, step, 0, 8);
  CHECK_MEMBER(StepWork, end_ns, 8, 8);
  CHECK_MEMBER(StepWork, prefill_tokens, 16, 4);
  CHECK_MEMBER(StepWork, decode_tokens, 20, 4);
  CHECK_MEMBER(StepWork, sequences, 24, 4);
  CHECK_MEMBER(StepWork, reserved, 28, 4);
  CHECK_MEMBER(StepWork, weight_bytes, 32, 8);
  CHECK_MEMBER(StepWork, kv_bytes, 40, 8);
  CHECK_MEMBER(StepWork, flops, 48, 8);
  CHECK_MEMBER(StepWork, reserved64, 56, 8);
  CHECK(sizeof(StepWork) == 64);
  CHECK_MEMBER(DevicePeak, bytes_per_s, 0, 8);
  CHECK_MEMBER(DevicePeak, flops_per_s, 8, 8);
  CHECK_MEMBER(DevicePeak, measured, 16, 4);
  CHECK_MEMBER(DevicePeak, reserved, 20, 4);
  CHECK_MEMBER(DevicePeak, device_name, 24, 16);
  CHECK(sizeof(DevicePeak) == 40);
}

TEST_CASE("virtual functions keep their slots") {
  CHECK(slot_of(&IEventSink::on_events) == 0);
  CHECK(slot_of(&IMetricSink::on_metric) == 0);
  CHECK(slot_of(&IHost::abi_minor) == 0);
  CHECK(slot_of(&IHost::now_ns) == 1);
  CHECK(slot_of(&IHost::log) == 2);
  CHECK(slot_of(&IHost::extension) == 3);
  CHECK(slot_of(&IGenerationEngine::load) == 0);
  CHECK(slot_of(&IGenerationEngine::submit) == 1);
  CHECK(slot_of(&IGenerationEngine::cancel) == 2);
  CHECK(slot_of(&IGenerationEngine::reset) == 3);
  CHECK(slot_of(&IGenerationEngine::stats) == 4);
  CHECK(slot_of(&IGenerationEngine::extension) == 5);
  CHECK(slot_of(&IGenerationEngine::destroy) == 6);
}

// What abidiff does not see: a pure virtual function has no symbol whose parameters it could compare.
TEST_CASE("virtual functions keep their parameters") {
  const auto is = [](auto function, auto signature) {
    return std::is_same_v<decltype(function), decltype(signature)>;
  };
  using Engine = IGenerationEngine;
  CHECK(is(&IEventSink::on_events,
           static_cast<void (IEventSink::*)(const Event*, std::uint32_t) noexcept>(nullptr)));
  CHECK(is(
      &IMetricSink::on_metric,
      static_cast<void (IMetricSink::*)(StrView, StrView, MetricKind, double) noexcept>(nullptr)));
  CHECK(is(&IHost::abi_minor, static_cast<std::uint32_t (IHost::*)() noexcept>(nullptr)));
  CHECK(is(&IHost::now_ns, static_cast<std::uint64_t (IHost::*)() noexcept>(nullptr)));
  CHECK(is(&IHost::log, static_cast<void (IHost::*)(LogLevel, StrView) noexcept>(nullptr)));
  CHECK(is(&IHost::extension, static_cast<void* (IHost::*)(StrView) noexcept>(nullptr)));
  CHECK(is(&Engine::load,
           static_cast<Code (Engine::*)(ConfigView, IEventSink*, ErrorText*) noexcept>(nullptr)));
  CHECK(is(&Engine::submit,
           static_cast<Code (Engine::*)(const Request*, std::uint32_t, std::uint32_t*,
                                        ErrorText*) noexcept>(nullptr)));
  CHECK(is(&Engine::cancel, static_cast<void (Engine::*)(std::uint64_t) noexcept>(nullptr)));
  CHECK(is(&Engine::reset, static_cast<Code (Engine::*)(ErrorText*) noexcept>(nullptr)));
  CHECK(is(&Engine::stats, static_cast<void (Engine::*)(IMetricSink*) noexcept>(nullptr)));
  CHECK(is(&Engine::extension, static_cast<void* (Engine::*)(StrView) noexcept>(nullptr)));
  CHECK(is(&Engine::destroy, static_cast<void (Engine::*)() noexcept>(nullptr)));
}

TEST_CASE("virtual functions of the extensions keep their slots") {
  CHECK(slot_of(&IProgressSink::on_progress) == 0);
  CHECK(slot_of(&IConverter::convert) == 0);
  CHECK(slot_of(&IMemorySink::on_part) == 0);
  CHECK(slot_of(&IMemory::parts) == 0);
  CHECK(slot_of(&IModel::info) == 0);
  CHECK(slot_of(&IModel::preview) == 1);
  CHECK(slot_of(&IProgress::on_load_progress) == 0);
  CHECK(slot_of(&IStepSink::on_steps) == 0);
  CHECK(slot_of(&IRoofline::peak) == 0);
  CHECK(slot_of(&IRoofline::attach) == 1);
  CHECK(slot_of(&IText::encode) == 0);
  CHECK(slot_of(&IText::decode) == 1);
}

TEST_CASE("an interface is one pointer to its table, and so casts to void* and back") {
  CHECK(sizeof(IEventSink) == 8);
  CHECK(sizeof(IMetricSink) == 8);
  CHECK(sizeof(IHost) == 8);
  CHECK(sizeof(IGenerationEngine) == 8);
  CHECK(sizeof(IModel) == 8);
  CHECK(sizeof(IMemory) == 8);
  CHECK(sizeof(IRoofline) == 8);
  CHECK(sizeof(IConverter) == 8);
  CHECK(sizeof(IText) == 8);
  CHECK(sizeof(IProgress) == 8);
}

TEST_CASE("numbers that cross the boundary keep their meaning") {
  CHECK(number(Code::ok) == 0);
  CHECK(number(Code::invalid_argument) == 1);
  CHECK(number(Code::failed_precondition) == 2);
  CHECK(number(Code::not_found) == 3);
  CHECK(number(Code::unsupported) == 4);
  CHECK(number(Code::overloaded) == 5);
  CHECK(number(Code::out_of_memory) == 6);
  CHECK(number(Code::cancelled) == 7);
  CHECK(number(Code::deadline) == 8);
  CHECK(number(Code::device_error) == 9);
  CHECK(number(Code::internal) == 10);
  CHECK(number(ValueType::boolean) == 0);
  CHECK(number(ValueType::integer) == 1);
  CHECK(number(ValueType::real) == 2);
  CHECK(number(ValueType::text) == 3);
  CHECK(number(EventKind::tokens) == 0);
  CHECK(number(EventKind::finished) == 1);
  CHECK(number(EventKind::failed) == 2);
  CHECK(number(Finish::none) == 0);
  CHECK(number(Finish::length) == 1);
  CHECK(number(Finish::stop) == 2);
  CHECK(number(Finish::cancelled) == 3);
  CHECK(number(MetricKind::counter) == 0);
  CHECK(number(MetricKind::gauge) == 1);
  CHECK(number(LogLevel::trace) == 0);
  CHECK(number(LogLevel::debug) == 1);
  CHECK(number(LogLevel::info) == 2);
  CHECK(number(LogLevel::warning) == 3);
  CHECK(number(LogLevel::error) == 4);
  CHECK(kIgnoreEos == 1);
  CHECK(kCapTokenIds == 1);
  CHECK(kCapFixedLength == 2);
  CHECK(kCapStopTokens == 4);
  CHECK(kCapSampling == 8);
  CHECK(kCapCancel == 16);
  CHECK(kCapPrefixCache == 32);
  CHECK(kCapEngineTime == 64);
  CHECK(kCapRepeatable == 128);
}

TEST_CASE("the symbol carries the major version, and the magic number reads LMB1") {
  CHECK(std::string_view(LMBENCH_PLUGIN_SYMBOL) ==
        "lmbench_plugin_v" + std::to_string(LMBENCH_ABI_MAJOR));
  char bytes[4];
  std::memcpy(bytes, &kMagic, sizeof bytes);
  CHECK(std::string_view(bytes, 4) == "LMB1");
}
