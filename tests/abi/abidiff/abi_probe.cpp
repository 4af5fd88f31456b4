// Every type of the ABI in the signature of one function, for abidiff to look at. Compiled with
// -femit-class-debug-always, as interfaces are described by no debug information otherwise.
// SPDX-License-Identifier: Apache-2.0
#include <lmbench/engine_abi.hpp>
#include <lmbench/ext/convert.hpp>
#include <lmbench/ext/memory.hpp>
#include <lmbench/ext/model.hpp>
#include <lmbench/ext/progress.hpp>
#include <lmbench/ext/roofline.hpp>
#include <lmbench/ext/text.hpp>

namespace abi = lmbench;

LMBENCH_EXPORT void abi_probe(abi::IGenerationEngine*, abi::IHost*, abi::IEventSink*,
                              abi::IMetricSink*, const abi::PluginDescriptor*, abi::Request*,
                              abi::Event*, abi::ConfigEntry*, abi::ConfigView, abi::StrView,
                              abi::TokenView, abi::ErrorText*, abi::Code, abi::ValueType,
                              abi::EventKind, abi::Finish, abi::MetricKind, abi::LogLevel);
void abi_probe(abi::IGenerationEngine*, abi::IHost*, abi::IEventSink*, abi::IMetricSink*,
               const abi::PluginDescriptor*, abi::Request*, abi::Event*, abi::ConfigEntry*,
               abi::ConfigView, abi::StrView, abi::TokenView, abi::ErrorText*, abi::Code,
               abi::ValueType, abi::EventKind, abi::Finish, abi::MetricKind, abi::LogLevel) {}

LMBENCH_EXPORT void extension_probe(abi::IConverter*, abi::IProgressSink*, abi::IMemory*,
                                    abi::IMemorySink*, abi::IModel*, abi::ModelInfo*,
                                    abi::IProgress*, abi::IRoofline*, abi::IStepSink*,
                                    abi::StepWork*, abi::DevicePeak*, abi::IText*);
void extension_probe(abi::IConverter*, abi::IProgressSink*, abi::IMemory*, abi::IMemorySink*,
                     abi::IModel*, abi::ModelInfo*, abi::IProgress*, abi::IRoofline*,
                     abi::IStepSink*, abi::StepWork*, abi::DevicePeak*, abi::IText*) {}
