extension ChatTemplate {
    /// ChatML with the assistant's words marked: the header is given to the model, content and `<|im_end|>` are learned,
    /// the line feed behind is given again.
    package static let chatML = #"""
        {%- for message in messages -%}
            {{- '<|im_start|>' + message['role'] + '\n' -}}
            {%- if message['role'] == 'assistant' -%}
                {%- generation -%}
                    {{- message['content'] + '<|im_end|>' -}}
                {%- endgeneration -%}
            {%- else -%}
                {{- message['content'] + '<|im_end|>' -}}
            {%- endif -%}
            {{- '\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}
            {{- '<|im_start|>assistant\n' -}}
        {%- endif -%}

        """#
}
