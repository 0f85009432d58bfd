//! Expressions.

use smallvec::SmallVec;

use super::builder::MAX_NESTING;
use super::lexer::{Kind, Token};
use super::parser::{Parsed, Parser};
use super::tree::{
    BinaryOperator, ExprId, ExprKind, ForExpr, ForNames, ObjectItem, Text, UnaryOperator,
};
use crate::source::Span;

impl Parser<'_> {
    /// An expression: `condition ? a : b`, or what is stronger.
    pub fn expression(&mut self) -> Parsed<ExprId> {
        if self.nesting >= MAX_NESTING {
            return Ok(self.skip_expression());
        }
        self.nesting += 1;
        let parsed = self.conditional();
        self.nesting -= 1;
        parsed
    }

    fn conditional(&mut self) -> Parsed<ExprId> {
        let condition = self.binary(0)?;
        if self.accept(Kind::Question).is_none() {
            return Ok(condition);
        }
        let if_true = self.expression()?;
        if self.accept(Kind::Colon).is_none() {
            return self.fail_expecting("`:` and the value for when the condition is false");
        }
        let if_false = self.expression()?;
        let span = self.span(condition).to(self.span(if_false));
        let kind = ExprKind::Conditional {
            condition,
            if_true,
            if_false,
        };
        Ok(self.add(span, kind))
    }

    /// Operators that bind at least as strongly as `least`.
    fn binary(&mut self, least: u8) -> Parsed<ExprId> {
        let mut left = self.operand()?;
        while let Some((operator, strength)) = binary_operator(self.peek().kind)
            && strength >= least
        {
            self.take();
            let right = self.binary(strength + 1)?;
            let span = self.span(left).to(self.span(right));
            let kind = ExprKind::Binary {
                operator,
                left,
                right,
            };
            left = self.add(span, kind);
        }
        Ok(left)
    }

    fn operand(&mut self) -> Parsed<ExprId> {
        let mut operators = Vec::new();
        loop {
            let operator = match self.peek().kind {
                Kind::Minus => UnaryOperator::Negate,
                Kind::Bang => UnaryOperator::Not,
                _ => break,
            };
            operators.push((operator, self.take().span()));
        }
        let term = self.term()?;
        let mut operand = self.traversal(term)?;
        for (operator, span) in operators.into_iter().rev() {
            let span = span.to(self.span(operand));
            operand = self.add(span, ExprKind::Unary { operator, operand });
        }
        Ok(operand)
    }

    fn term(&mut self) -> Parsed<ExprId> {
        let token = self.peek();
        match token.kind {
            Kind::ParenOpen => self.parens(),
            Kind::Number => self.number(),
            Kind::Identifier => self.name(),
            Kind::String => Ok(self.string()),
            Kind::QuoteOpen => self.quoted_template(),
            Kind::HeredocOpen => self.heredoc(),
            Kind::BracketOpen => self.tuple(),
            Kind::BraceOpen => self.object(),
            _ => self.fail_expecting("an expression"),
        }
    }

    fn parens(&mut self) -> Parsed<ExprId> {
        let open = self.take();
        let kind = self.with_newlines(true, |parser| {
            let inner = parser.expression()?;
            if parser.peek().kind != Kind::ParenClose {
                return parser.fail_closing(open, "parenthesis", "an operator or `)`");
            }
            Ok(ExprKind::Parens(inner))
        })?;
        self.close(open, kind)
    }

    fn number(&mut self) -> Parsed<ExprId> {
        let token = self.take();
        let digits = token.span().text(self.text);
        if is_number(digits) {
            return Ok(self.add(token.span(), ExprKind::Number(self.text_at(token.span()))));
        }
        self.certain = true;
        self.fail(token.span(), "This is not a number.")
    }

    fn name(&mut self) -> Parsed<ExprId> {
        let token = self.take();
        let text = token.span().text(self.text);
        let kind = match self.peek().kind {
            Kind::ParenOpen | Kind::DoubleColon => return self.call(token),
            _ => match text {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "null" => ExprKind::Null,
                _ => ExprKind::Root(self.text_at(token.span())),
            },
        };
        Ok(self.builder.add_leaf(token.span(), kind))
    }

    fn call(&mut self, first: Token) -> Parsed<ExprId> {
        let name = match self.peek().kind {
            Kind::DoubleColon => self.namespaced_name(first)?,
            _ => self.text_at(first.span()),
        };
        let name_span = self.span_from(first.span().start);
        if self.peek().kind != Kind::ParenOpen {
            return self.fail_expecting("`(` and the function's arguments");
        }
        let open = self.take();
        let (arguments, expand) = self.with_newlines(true, |parser| parser.arguments(open))?;
        self.take();
        let kind = ExprKind::Call {
            name,
            name_span,
            arguments,
            expand,
        };
        let span = self.span_from(first.span().start);
        Ok(self.add(span, kind))
    }

    /// `namespace::name`; blanks may stand between.
    fn namespaced_name(&mut self, first: Token) -> Parsed<Text> {
        let mut name = first.span().text(self.text).to_owned();
        while self.accept(Kind::DoubleColon).is_some() {
            let Some(next) = self.accept(Kind::Identifier) else {
                return self.fail_expecting("a function's name after `::`");
            };
            name.push_str("::");
            name.push_str(next.span().text(self.text));
        }
        Ok(self.builder.text(&name))
    }

    /// The arguments of a call, up to the closing parenthesis, and whether the last one is expanded.
    fn arguments(&mut self, open: Token) -> Parsed<(SmallVec<[ExprId; 4]>, bool)> {
        let mut arguments = SmallVec::new();
        while self.peek().kind != Kind::ParenClose {
            if self.peek().kind == Kind::End {
                return self.fail_closing(open, "argument list", "`)`");
            }
            arguments.push(self.expression()?);
            if self.accept(Kind::Comma).is_some() {
                continue;
            }
            let expand = self.accept(Kind::Ellipsis).is_some();
            if self.peek().kind != Kind::ParenClose {
                let expected = if expand {
                    "`)`"
                } else {
                    "an operator, `,` or `)`"
                };
                return self.fail_closing(open, "argument list", expected);
            }
            return Ok((arguments, expand));
        }
        Ok((arguments, false))
    }

    /// `.name`, `[key]`, `[*]` and the like after an expression.
    fn traversal(&mut self, from: ExprId) -> Parsed<ExprId> {
        // What a full splat has collected so far: everything behind it belongs to its item.
        let mut splats = Vec::new();
        let mut object = from;
        loop {
            object = match self.peek().kind {
                Kind::Dot => {
                    let dot = self.take();
                    if self.accept(Kind::Star).is_some() {
                        self.attribute_splat(object, dot)?
                    } else {
                        self.dot_step(object)?
                    }
                }
                Kind::BracketOpen => {
                    let open = self.take();
                    if self.peek().kind == Kind::Star {
                        self.take();
                        if self.accept(Kind::BracketClose).is_none() {
                            return self.fail_closing(open, "splat", "`]`");
                        }
                        splats.push(object);
                        let span = self.span_from(open.span().start);
                        self.add(span, ExprKind::SplatItem)
                    } else {
                        self.index(object, open)?
                    }
                }
                _ => break,
            };
        }
        for source in splats.into_iter().rev() {
            let span = self.span(source).to(self.span(object));
            let kind = ExprKind::Splat {
                object: source,
                item: object,
            };
            object = self.add(span, kind);
        }
        Ok(object)
    }

    /// What comes after a dot: a name, or an index in the old style.
    fn dot_step(&mut self, object: ExprId) -> Parsed<ExprId> {
        let token = self.peek();
        let text = token.span().text(self.text);
        let kind = match token.kind {
            Kind::Identifier => ExprKind::GetAttr {
                object,
                name: self.nfc_at(token.span()),
                name_span: token.span(),
            },
            Kind::Number if text.contains('.') || !is_number(text) => {
                self.certain = true;
                return self.fail(
                    token.span(),
                    "Two indexes in a row are written in brackets, like `[0][1]`.",
                );
            }
            Kind::Number => {
                let key = self.add(token.span(), ExprKind::Number(self.text_at(token.span())));
                ExprKind::Index { object, key }
            }
            _ => return self.fail_expecting("an attribute's name after the dot"),
        };
        self.take();
        let span = self.span(object).to(token.span());
        Ok(self.add(span, kind))
    }

    /// `.*` and the names and old indexes after it; whatever else follows applies to the result.
    fn attribute_splat(&mut self, object: ExprId, dot: Token) -> Parsed<ExprId> {
        let span = self.span_from(dot.span().start);
        let mut item = self.add(span, ExprKind::SplatItem);
        while self.accept(Kind::Dot).is_some() {
            if self.peek().kind == Kind::Star {
                self.certain = true;
                let star = self.peek().span();
                return self.fail(star, "A `.*` may not stand within another one.");
            }
            item = self.dot_step(item)?;
        }
        let span = self.span(object).to(self.span(item));
        Ok(self.add(span, ExprKind::Splat { object, item }))
    }

    fn index(&mut self, object: ExprId, open: Token) -> Parsed<ExprId> {
        let key = self.with_newlines(true, |parser| {
            let key = parser.expression()?;
            if parser.peek().kind != Kind::BracketClose {
                return parser.fail_closing(open, "index", "an operator or `]`");
            }
            Ok(key)
        })?;
        self.take();
        let span = Span {
            start: self.span(object).start,
            end: self.last_end,
        };
        Ok(self.add(span, ExprKind::Index { object, key }))
    }

    fn tuple(&mut self) -> Parsed<ExprId> {
        let open = self.take();
        let kind = self.with_newlines(true, |parser| {
            if parser.at_word("for") {
                return parser.for_expression(open, Kind::BracketClose);
            }
            let mut elements = SmallVec::new();
            while parser.peek().kind != Kind::BracketClose {
                if parser.peek().kind == Kind::End {
                    return parser.fail_closing(open, "list", "`]`");
                }
                elements.push(parser.expression()?);
                let end = parser.peek().kind == Kind::BracketClose;
                if !end && parser.accept(Kind::Comma).is_none() {
                    return parser.fail_closing(open, "list", "`,` or `]`");
                }
            }
            Ok(ExprKind::Tuple(elements))
        })?;
        self.close(open, kind)
    }

    /// Takes the closing bracket, which is known to be next, and adds what it closes.
    fn close(&mut self, open: Token, kind: ExprKind) -> Parsed<ExprId> {
        self.take();
        let span = self.span_from(open.span().start);
        Ok(self.add(span, kind))
    }

    fn object(&mut self) -> Parsed<ExprId> {
        let open = self.take();
        // Line breaks before the first entry (or the `for`) mean nothing.
        let is_for = self.with_newlines(true, |parser| parser.at_word("for"));
        let kind = if is_for {
            self.with_newlines(true, |parser| parser.for_expression(open, Kind::BraceClose))?
        } else {
            self.with_newlines(false, |parser| parser.object_items(open))?
        };
        self.close(open, kind)
    }

    fn object_items(&mut self, open: Token) -> Parsed<ExprKind> {
        let mut items = Vec::new();
        loop {
            while self.accept(Kind::Newline).is_some() {}
            match self.peek().kind {
                Kind::BraceClose => return Ok(ExprKind::Object(items)),
                Kind::End => return self.fail_closing(open, "object", "`}`"),
                _ => {}
            }
            let key = self.object_key()?;
            if self.accept(Kind::Equal).is_none() && self.accept(Kind::Colon).is_none() {
                return self.fail_closing(open, "object", "`=` and a value");
            }
            let value = self.expression()?;
            items.push(ObjectItem { key, value });
            match self.peek().kind {
                Kind::BraceClose => {}
                Kind::Comma | Kind::Newline => {
                    self.take();
                }
                _ => return self.fail_closing(open, "object", "`,`, a new line or `}`"),
            }
        }
    }

    /// A key: a bare name stands for itself.
    fn object_key(&mut self) -> Parsed<ExprId> {
        let first = self.peek();
        let key = self.expression()?;
        let span = self.span(key);
        let bare = first.kind == Kind::Identifier && span == first.span();
        if !bare {
            return Ok(key);
        }
        Ok(self.literal_template(span, span))
    }

    /// From `for` to before the closing bracket.
    fn for_expression(&mut self, open: Token, close: Kind) -> Parsed<ExprKind> {
        self.take();
        let names = self.for_names()?;
        let collection = self.expression()?;
        if self.accept(Kind::Colon).is_none() {
            return self.fail_closing(open, "`for` expression", "`:` after what is iterated");
        }
        let mut result = self.expression()?;
        let mut result_key = None;
        if self.accept(Kind::FatArrow).is_some() {
            result_key = Some(result);
            result = self.expression()?;
        }
        let ellipsis = self.accept(Kind::Ellipsis);
        let mut condition = None;
        if self.at_word("if") {
            self.take();
            condition = Some(self.expression()?);
        }
        if self.peek().kind != close {
            // `hcl-edit` takes `ifx` for `if x`.
            self.certain = true;
            let expected = if close == Kind::BraceClose {
                "`}`"
            } else {
                "`]`"
            };
            return self.fail_closing(open, "`for` expression", expected);
        }
        match (close == Kind::BraceClose, result_key, ellipsis) {
            (true, None, _) => {
                let span = self.span(result);
                return self.fail(span, "A `for` in braces needs `key => value`.");
            }
            (false, Some(key), _) => {
                let span = self.span(key);
                return self.fail(span, "A `for` in brackets makes a list: it takes no key.");
            }
            (false, None, Some(ellipsis)) => {
                return self.fail(
                    ellipsis.span(),
                    "A `for` in brackets cannot group by `...`.",
                );
            }
            _ => {}
        }
        Ok(ExprKind::For(Box::new(ForExpr {
            names,
            collection,
            result_key,
            result,
            condition,
            group: ellipsis.is_some(),
        })))
    }

    /// `value in` or `key, value in`.
    pub fn for_names(&mut self) -> Parsed<ForNames> {
        let Some(first) = self.accept(Kind::Identifier) else {
            return self.fail_expecting("a name after `for`");
        };
        let mut key = None;
        let mut value = self.text_at(first.span());
        if self.accept(Kind::Comma).is_some() {
            let Some(second) = self.accept(Kind::Identifier) else {
                return self.fail_expecting("a name for the value after the comma");
            };
            key = Some(value);
            value = self.text_at(second.span());
        }
        if !self.at_word("in") {
            self.certain = true;
            return self.fail_expecting("`in` after the names");
        }
        self.take();
        Ok(ForNames { key, value })
    }

    /// Passes over an expression that is nested too deeply to be read.
    fn skip_expression(&mut self) -> ExprId {
        let start = self.peek().span().start;
        let mut questions = 0_usize;
        let mut inner = 0_usize;
        loop {
            let kind = self.peek().kind;
            if kind == Kind::End || (inner == 0 && ends_expression(kind, questions)) {
                let span = self.span_from(start);
                return self.add(span, ExprKind::Invalid);
            }
            match nesting_change(kind) {
                1 => inner += 1,
                -1 => inner -= 1,
                _ if inner > 0 => {}
                _ if kind == Kind::Question => questions += 1,
                _ if kind == Kind::Colon => questions = questions.saturating_sub(1),
                _ => {}
            }
            self.take();
        }
    }
}

/// Whether a token ends an expression that it stands in with nothing open but so many `?`.
fn ends_expression(kind: Kind, questions: usize) -> bool {
    match kind {
        Kind::Colon => questions == 0,
        Kind::Newline
        | Kind::Comma
        | Kind::Equal
        | Kind::FatArrow
        | Kind::Ellipsis
        | Kind::Literal
        | Kind::CommentMissing => true,
        _ => nesting_change(kind) < 0,
    }
}

/// 1 for a token that opens something, -1 for one that closes it.
fn nesting_change(kind: Kind) -> i8 {
    match kind {
        Kind::ParenOpen
        | Kind::BracketOpen
        | Kind::BraceOpen
        | Kind::QuoteOpen
        | Kind::HeredocOpen
        | Kind::InterpolationOpen
        | Kind::DirectiveOpen => 1,
        Kind::ParenClose
        | Kind::BracketClose
        | Kind::BraceClose
        | Kind::QuoteClose
        | Kind::QuoteMissing
        | Kind::HeredocClose
        | Kind::HeredocMissing
        | Kind::SequenceClose => -1,
        _ => 0,
    }
}

/// An operator between operands, and how strongly it binds.
fn binary_operator(kind: Kind) -> Option<(BinaryOperator, u8)> {
    use BinaryOperator as Op;
    Some(match kind {
        Kind::Or => (Op::Or, 0),
        Kind::And => (Op::And, 1),
        Kind::EqualEqual => (Op::Equal, 2),
        Kind::NotEqual => (Op::NotEqual, 2),
        Kind::Greater => (Op::Greater, 3),
        Kind::GreaterEqual => (Op::GreaterOrEqual, 3),
        Kind::Less => (Op::Less, 3),
        Kind::LessEqual => (Op::LessOrEqual, 3),
        Kind::Plus => (Op::Add, 4),
        Kind::Minus => (Op::Subtract, 4),
        Kind::Star => (Op::Multiply, 5),
        Kind::Slash => (Op::Divide, 5),
        Kind::Percent => (Op::Modulo, 5),
        _ => return None,
    })
}

/// Whether a run of digits, dots and exponents is a number: one dot at most, then one exponent at most.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.trim_start_matches(['+', '-'])),
        None => (text, "0"),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole) && digits(fraction) && digits(exponent)
}
