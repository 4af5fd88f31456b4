// Hugging Face directory -> TurboMind directory, on the CPU alone. Writes beside the target and
// renames at the end, so that a failure leaves nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <lmbench/ext/convert.hpp>
#include <string>

namespace turbomind {

struct ConversionRequest {
  std::filesystem::path source;
  std::filesystem::path target;
  std::string model_name;                // the chat template, as lmdeploy calls it
  std::uint32_t ranks = 1;               // tp of the files
  std::filesystem::path tokenizer_path;  // instead of the source's tokenizer files; may be empty
  bool replaces_target = false;
};

// progress gets fractions of the work; what it throws stops the conversion. Throws sdk::Error.
void convert_model(const ConversionRequest& request, const std::function<void(double)>& progress);

// The same behind "lmbench.convert/1". Options: model_name, tp, model_format, tokenizer_path,
// quant_path, group_size, force; the formats that are not built are refused by name.
class Converter final : public lmbench::IConverter {
 public:
  lmbench::Code convert(lmbench::StrView source, lmbench::StrView target,
                        lmbench::ConfigView options, lmbench::IProgressSink* progress,
                        lmbench::ErrorText* error) noexcept override;
};

}  // namespace turbomind
