/// How a row spells its conversation. The file's container (JSONL, array, CSV) is a separate question.
package enum RowShape: String, Sendable, Hashable, CaseIterable {
    /// `messages` with `role` and `content`.
    case messages
    /// `conversations` with `from` and `value`.
    case shareGPT = "sharegpt"
    /// `conversations` with `role` and `content`: ShareGPT's key around OpenAI's fields.
    case hybrid = "conversations_with_roles"
    /// `instruction`, `input`, `output`, perhaps `system` and `history`.
    case alpaca
    /// `prompt` and `completion` as texts.
    case promptCompletion = "prompt_completion"
    /// `prompt` and `completion` as lists of messages.
    case promptCompletionMessages = "prompt_completion_messages"
    /// `text` and `label`: classification.
    case textLabel = "text_label"
    /// `text` alone: every token is a target.
    case text
    /// Gemini's `contents` with `parts`.
    case gemini
    /// `text` that was already rendered with ChatML's markers.
    case renderedChatML = "rendered_chatml"
    /// `text` that was already rendered with the markers of Llama or Mistral.
    case renderedLlama = "rendered_llama"
}
