package daemon

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"sekisho/filter/config"
)

// NewLog makes the log of the settings, on standard error. The level can be
// changed later; a reload does.
func NewLog(cfg config.Log) (*zap.Logger, zap.AtomicLevel, error) {
	level := zap.NewAtomicLevelAt(logLevel(cfg.Level))
	z := zap.NewProductionConfig()
	if cfg.Format == config.FormatConsole {
		z = zap.NewDevelopmentConfig()
		z.Development = false
	}
	z.Level = level
	z.Sampling = nil // a line that is dropped is a verdict that nobody can explain
	z.DisableCaller = true
	z.DisableStacktrace = true
	z.EncoderConfig.TimeKey = "time"
	z.EncoderConfig.EncodeTime = zapcore.ISO8601TimeEncoder
	log, err := z.Build()
	if err != nil {
		return nil, level, fmt.Errorf("log: %w", err)
	}
	return log, level, nil
}

func logLevel(l config.Level) zapcore.Level {
	switch l {
	case config.LevelDebug:
		return zapcore.DebugLevel
	case config.LevelWarn:
		return zapcore.WarnLevel
	case config.LevelError:
		return zapcore.ErrorLevel
	default:
		return zapcore.InfoLevel
	}
}
