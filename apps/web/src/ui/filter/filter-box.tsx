import { CloseButton, Combobox, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilter2 } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { type FilterField, parseFilter, suggest } from './filter.ts';

/** The filter of a list, with completion. `onChange` gets the text once typing pauses; the page keeps it in its URL. */
export function FilterBox(props: {
  label: string;
  placeholder: string;
  value: string;
  fields: readonly FilterField[];
  onChange: (text: string) => void;
}) {
  const box = useFilterBox(props);
  const { combobox, text, options, input } = box;
  return (
    <Combobox store={combobox} onOptionSubmit={box.take} shadow="md">
      <Combobox.Target>
        <TextInput
          ref={input}
          aria-label={props.label}
          placeholder={props.placeholder}
          leftSection={<IconFilter2 size={16} stroke={1.5} />}
          rightSection={text ? <CloseButton size="sm" aria-label="Clear filter" onClick={box.clear} /> : null}
          classNames={{ input: 'ot-mono' }}
          value={text}
          error={parseFilter(text, props.fields).problems[0]}
          onChange={(event) => box.type(event.currentTarget.value)}
          onFocus={() => combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && combobox.getSelectedOptionIndex() < 0) box.commit();
          }}
          spellCheck={false}
          autoComplete="off"
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={options.length === 0}>
        <Combobox.Options aria-label="Suggestions">
          {options.map((option, index) => (
            <Combobox.Option value={String(index)} key={option.label}>
              <span className="ot-mono">{option.label}</span>{' '}
              <Text span size="xs" c="dimmed">
                {option.about}
              </Text>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function useFilterBox(props: Parameters<typeof FilterBox>[0]) {
  const [text, setText] = useState(props.value);
  const [caret, setCaret] = useState(props.value.length);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const later = useDebouncedCallback((value: string) => props.onChange(value.trim()), 350);
  useEffect(() => {
    // Back and forward change the URL; what is being typed wins otherwise.
    if (document.activeElement !== input.current) setText(props.value);
  }, [props.value]);
  const options = suggest(text, caret, props.fields);
  const set = (value: string, at: number) => {
    setText(value);
    setCaret(at);
    combobox.resetSelectedOption();
    later(value);
  };
  return {
    combobox,
    text,
    options,
    input,
    type: (value: string) => {
      combobox.openDropdown();
      set(value, input.current?.selectionStart ?? value.length);
    },
    take: (index: string) => {
      const option = options[Number(index)];
      if (option) set(option.text, option.caret);
    },
    clear: () => {
      setText('');
      setCaret(0);
      props.onChange('');
      input.current?.focus();
    },
    commit: () => {
      combobox.closeDropdown();
      props.onChange(text.trim());
    },
  };
}
