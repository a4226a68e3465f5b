/// What the audit looks for. The raw value is the id in `rules/tables/audit_checks.yaml` and in `--json`.
package enum AuditCheck: String, Sendable, Hashable, CaseIterable {
    // Rows the reader dropped; the ids are those of `RowProblem`.
    case notJSON = "not_json"
    case notAnObject = "not_an_object"
    case unknownShape = "unknown_shape"
    case preferencePair = "preference_pair"
    case missingField = "missing_field"
    case wrongKind = "wrong_kind"
    case fieldCount = "field_count"
    case noMessages = "no_messages"
    case unknownRole = "unknown_role"
    case unsupportedPart = "unsupported_part"
    case noAnswer = "no_answer"
    case emptyAnswer = "empty_answer"
    // Files and rows.
    case byteOrderMark = "byte_order_mark"
    case objectsOverLines = "objects_over_lines"
    case brokenArray = "broken_array"
    case mixedShapes = "mixed_shapes"
    case duplicateKeys = "duplicate_keys"
    // Conversations.
    case rolesRepeat = "roles_repeat"
    case systemNotFirst = "system_not_first"
    case endsWithoutAnswer = "ends_without_answer"
    case emptyTurn = "empty_turn"
    case emptyPrompt = "empty_prompt"
    case markersInText = "markers_in_text"
    // Structured answers.
    case pythonLiteralAnswer = "python_literal_answer"
    case brokenJSONAnswer = "broken_json_answer"
    case fencedJSONAnswer = "fenced_json_answer"
    case jsonKeyMissing = "json_key_missing"
    case jsonKeyRare = "json_key_rare"
    case jsonTypeDiffers = "json_type_differs"
    case toolNotDeclared = "tool_not_declared"
    case toolArgumentsInvalid = "tool_arguments_invalid"
    // Quantity.
    case fewExamples = "few_examples"
    case identicalRows = "identical_rows"
    case sameConversation = "same_conversation"
    case sameText = "same_text"
    case repeatedOften = "repeated_often"
    case nearDuplicates = "near_duplicates"
    case fewPerLabel = "few_per_label"
    case smallTest = "small_test"
    // Quality.
    case conflictingAnswers = "conflicting_answers"
    case leakedRows = "leaked_rows"
    case leakedPrompts = "leaked_prompts"
    case leakedNear = "leaked_near"
    case leakedPassages = "leaked_passages"
    case labelVariants = "label_variants"
    case labelImbalance = "label_imbalance"
    case instructionVariants = "instruction_variants"
    case answerRepeatsRequest = "answer_repeats_request"
    case cutAnswer = "cut_answer"
    case placeholderAnswer = "placeholder_answer"
    case refusal
    case speaksAsAI = "speaks_as_ai"
    case damagedCharacters = "damaged_characters"
    case personalData = "personal_data"
    case secrets
    case synthetic
    // With a tokenizer.
    case cutAtMaxLength = "cut_at_max_length"
    case noTargetLeft = "no_target_left"
}
