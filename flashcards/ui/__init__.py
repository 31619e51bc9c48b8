"""What a person sees: screens, lines, words. Draws views; decides nothing."""
